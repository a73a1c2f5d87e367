-- Forget one crawl in this shard: leases, queues, seen URLs, counters. Politeness stays.
-- ARGV[2] "1" to leave a shard alone in which anything waits or is leased
-- Returns how many items were still waiting or leased
local function waiting()
  return tonumber(call('HGET', C .. 'cnt', 'queued') or 0) + call('ZCARD', C .. 'dly')
end
local n = waiting() + call('HLEN', C .. 'lease')
if ARGV[2] == '1' and n > 0 then return n end

local names, queues = call('HKEYS', C .. 'g'), {}
for i = 1, #names, CHUNK do touch({ unpack(names, i, min(i + CHUNK - 1, #names)) }) end
for _, name in ipairs(names) do
  for class = 0, 3 do queues[#queues + 1] = key(queue_key(name, class)) end
end
for bucket = 0, buckets - 1 do key(C .. 's:' .. bucket) end
if missing[1] then return undeclared() end

local all = call('HVALS', C .. 'lease')
for _, value in ipairs(all) do
  local g = G[read_lease(value)]
  g[INFLIGHT] = g[INFLIGHT] - 1
end
for _, name in ipairs(names) do
  for class = 1, 4 do S[name][class] = 0 end
end
force_writes()
save() -- the groups' places are free for other crawls
for _, name in ipairs(queues) do call('UNLINK', name) end
for bucket = 0, buckets - 1 do call('UNLINK', C .. 's:' .. bucket) end
for _, name in ipairs({ 'due', 'g', 'dly', 'lease', 'held', 'ws', 'ctl', 'cnt', 'log', 'failed', 'traps' }) do
  call('UNLINK', C .. name)
end
call('SREM', T .. 'live', crawl)
return n
