-- Keep a worker's leases alive, if it still has any here.
-- ARGV[2..] worker, session ms
-- Returns how many leases the worker holds in this shard
local held = tonumber(call('HGET', C .. 'held', ARGV[2])) or 0
if held > 0 then
  force_writes()
  call('ZADD', C .. 'ws', now + ARGV[3], ARGV[2])
end
return held
