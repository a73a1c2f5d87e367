-- A fetch that did not work out. The caller says what comes of the record: "head" (next in its
-- group), "delayed", or "failed" after its last attempt.
-- ARGV[2..] worker, id, reason, fate, class, item as it is to be queued or kept, fingerprint,
--           "1" if it was no fetch at all, backoff ms, block ms (the whole group), elapsed ms,
--           idle ms, crawl-delay ms, strike, breaker base ms, challenges allowed
-- Returns "retry", "failed" or "stale"
local worker, id, reason, fate, class, item = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local group = read_lease(call('HGET', C .. 'lease', id), worker)
if not group then return 'stale' end
key(queue_key(group, 0))
touch({ group })
if missing[1] then return undeclared() end
drop_leases(worker, { id })

local g = G[group]
if ARGV[9] == '1' then g[SPENT] = g[SPENT] - 1 end
if tonumber(ARGV[14]) > 0 then hear_robots(g, tonumber(ARGV[14])) end
settle(g, tonumber(ARGV[12]), tonumber(ARGV[13]))
judge(g, ARGV[15], id, tonumber(ARGV[11]), ARGV[16], tonumber(ARGV[17]))
if fate == 'failed' then
  g[FAILED] = g[FAILED] + 1
  count('failed', 1)
  count('failed:' .. reason, 1)
  keep_failed(ARGV[8], group, item)
  journal(worker, { id, ' failed ', reason, '\n' })
else
  count('retried:' .. reason, 1)
  if fate == 'head' then
    to_head(group, 0, { item })
  else
    to_delayed(group, class, item, now + ARGV[10])
  end
end
save()
return fate == 'failed' and fate or 'retry'
