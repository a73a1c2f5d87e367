-- Take back what dead workers hold: sessions without a beat, and leases held beyond the hard
-- deadline. Also moves delayed items whose time has come.
-- Returns how many leases went back to their queues; CHUNK of them mean that there may be more
if not wake(CHUNK) then return undeclared() end
local gone, n, earliest = {}, 0, nil
local workers = call('ZRANGEBYSCORE', C .. 'ws', '-inf', now)
for _, worker in ipairs(workers) do gone[worker] = true end
local deadline = tonumber(call('HGET', C .. 'ctl', 'deadline')) -- no lease has an earlier one

if #workers > 0 or (deadline and deadline <= now) then
  n, earliest = give_back(function(owner, last) return gone[owner] or last <= now end)
  if not n then return undeclared() end
  force_writes()
  call('HDEL', C .. 'ctl', 'deadline')
  if earliest then call('HSET', C .. 'ctl', 'deadline', earliest) end
  if n < CHUNK and #workers > 0 then call('ZREM', C .. 'ws', unpack(workers)) end
end
if call('HLEN', C .. 'lease') == 0 then call('SREM', T .. 'live', crawl) end
return n
