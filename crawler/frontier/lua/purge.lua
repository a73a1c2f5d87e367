-- Forget one crawl in this shard: leases, queues, seen URLs, counters. Politeness stays.
-- KEYS[1] T
-- ARGV    crawl, buckets, '1' to leave a shard alone in which anything waits or is leased
-- Returns how many items were still waiting or leased
local T, crawl, now = KEYS[1], ARGV[1], clock()
local C, n = T .. crawl .. ':', 0

local busy = tonumber(call('HGET', C .. 'cnt', 'queued') or 0) + call('ZCARD', C .. 'dly')
busy = busy + call('HLEN', C .. 'lease')
if ARGV[3] == '1' and busy > 0 then return busy end

for _, id in ipairs(call('HKEYS', C .. 'lease')) do n = n + give_back(T, crawl, id, now) end
for _, worker in ipairs(call('ZRANGE', C .. 'ws', 0, -1)) do call('DEL', C .. 'wl:' .. worker) end
for _, group in ipairs(call('HKEYS', C .. 'n')) do
  call('SREM', T .. 'w:' .. group, crawl)
  for class = 0, 3 do call('UNLINK', C .. 'q:' .. group .. ':' .. class) end
end
n = tonumber(call('HGET', C .. 'cnt', 'queued') or 0) + call('ZCARD', C .. 'dly')
for bucket = 0, ARGV[2] - 1 do call('UNLINK', C .. 's:' .. bucket) end
for _, name in ipairs({ 'due', 'n', 'dly', 'lease', 'lex', 'ws', 'ctl', 'cnt', 'log' }) do
  call('UNLINK', C .. name)
end
call('SREM', T .. 'live', crawl)
return n
