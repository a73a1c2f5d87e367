-- A fetch that did not work out: try again later, or give up after the last attempt. Uncounted
-- (our fault) it uses up no attempt, and without backoff goes back to the head.
-- KEYS[1] T
-- ARGV    crawl, worker, id, reason, count ("1" or ""), backoff ms, block ms (the whole group),
--         elapsed ms, idle ms, crawl-delay ms, attempts allowed
-- Returns "retry", "failed" or "stale"
local T, crawl, worker, id, reason = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local C, now = T .. crawl .. ':', clock()
local backoff, elapsed = tonumber(ARGV[6]), tonumber(ARGV[8])
local group, item = read_lease(call('HGET', C .. 'lease', id), worker)
if not group then return 'stale' end
drop_leases(C, worker, { id })

local answer, class, attempt, rest = 'retry', string.match(item, '^(%d)|(%d+)|(.*)$')
if ARGV[5] == '1' then
  attempt = attempt + 1
  item = class .. '|' .. attempt .. '|' .. rest
  if attempt >= tonumber(ARGV[11]) then answer = 'failed' end
end

if answer == 'failed' then
  count(C, 'failed', 1)
  count(C, 'failed:' .. reason, 1)
  journal(C, id, 'failed', elapsed, reason, item)
elseif ARGV[5] ~= '1' and backoff == 0 then
  to_head(T, crawl, group, 0, item)
else
  to_delayed(T, crawl, group, item, now + backoff)
end
if answer == 'retry' then count(C, 'retried:' .. reason, 1) end

local g, asked = load_group(T, group, now), tonumber(ARGV[10])
if asked > 0 then hear_robots(T, group, g, asked, now) end
settle(g, now, elapsed, tonumber(ARGV[9]))
g.next = max(g.next, now + ARGV[7])
store_group(T, group, g)
return answer
