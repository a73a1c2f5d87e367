-- A worker goes home: its leases return to the head of class 0, uncounted.
-- ARGV[2] worker
-- Returns how many leases went back; CHUNK of them mean that there may be more
local n = give_back(function(owner) return owner == ARGV[2] end)
if not n then return undeclared() end
if n < CHUNK then call('ZREM', C .. 'ws', ARGV[2]) end
return n
