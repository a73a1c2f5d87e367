-- Forget one crawl in this shard: leases, queues, seen URLs, counters. Politeness stays.
-- ARGV[2] "1" to leave a shard alone in which anything waits or is leased
-- Returns how many items were still waiting or leased
local function waiting()
  return tonumber(call('HGET', C .. 'cnt', 'queued') or 0) + call('ZCARD', C .. 'dly')
end
local n = waiting() + call('HLEN', C .. 'lease')
if ARGV[2] == '1' and n > 0 then return n end

local names, queues = call('HKEYS', T .. 'g'), {}
load(names)
for _, name in ipairs(names) do
  if not G[name].fresh then
    for class = 0, 3 do queues[#queues + 1] = key(queue_key(name, class)) end
    touched[name] = true
  end
end
for bucket = 0, buckets - 1 do key(C .. 's:' .. bucket) end
if missing[1] then return undeclared() end

for _, value in ipairs(call('HVALS', C .. 'lease')) do
  local g = G[read_lease(value)]
  g[INFLIGHT] = g[INFLIGHT] - 1
end
for name in pairs(touched) do
  for i, value in ipairs({ fresh_share('') }) do G[name][CRAWL - 1 + i] = value end
end
force_writes()
save() -- the groups' places are free for other crawls
for _, name in ipairs(queues) do call('UNLINK', name) end
for bucket = 0, buckets - 1 do call('UNLINK', C .. 's:' .. bucket) end
for _, name in ipairs({ 'due', 'dly', 'lease', 'held', 'ws', 'ctl', 'cnt', 'log', 'failed', 'traps' }) do
  call('UNLINK', C .. name)
end
call('SREM', T .. 'live', crawl)
return n
