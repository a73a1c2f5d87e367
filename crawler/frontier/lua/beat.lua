-- Keep a worker's leases alive, if it still has any here.
-- KEYS[1] T
-- ARGV    crawl, worker, session ms
-- Returns how many leases the worker holds in this shard
local C = KEYS[1] .. ARGV[1] .. ':'
local held = call('SCARD', C .. 'wl:' .. ARGV[2])
if held > 0 then call('ZADD', C .. 'ws', clock() + ARGV[3], ARGV[2]) end
return held
