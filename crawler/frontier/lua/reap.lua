-- Take back what dead workers hold: sessions without a beat, and leases held beyond the hard
-- deadline. Over all crawls with leases in this shard, because they share the groups' places.
-- Also moves this crawl's delayed items whose time has come.
-- KEYS[1] T
-- ARGV    crawl, limit (sessions, leases and delayed items looked at)
-- Returns how many leases went back to their queues
local T, limit, now, n = KEYS[1], ARGV[2], clock(), 0

for _, crawl in ipairs(call('SMEMBERS', T .. 'live')) do
  local C = T .. crawl .. ':'
  for _, worker in ipairs(call('ZRANGEBYSCORE', C .. 'ws', '-inf', now, 'LIMIT', 0, limit)) do
    n = n + give_back_all(T, crawl, worker, now)
  end
  for _, id in ipairs(call('ZRANGEBYSCORE', C .. 'lex', '-inf', now, 'LIMIT', 0, limit)) do
    n = n + give_back(T, crawl, id, now)
  end
  if call('HLEN', C .. 'lease') == 0 then call('SREM', T .. 'live', crawl) end
end
wake(T, ARGV[1], now, limit)
return n
