-- How a crawl stands in this shard, as of one instant. Writes nothing.
-- Returns msgpack: [ready (groups or delayed items to lease now), ms until there is something (-1:
--         nothing left), counters by name]
local all, counters = call('HGETALL', C .. 'cnt'), {}
for i = 1, #all, 2 do counters[all[i]] = tonumber(all[i + 1]) end
local ctl = call('HMGET', C .. 'ctl', 'paused', 'draining', 'seen', 'buckets')
local function length(command, name) return call(command, C .. name) end
counters.paused, counters.draining = tonumber(ctl[1] or 0), tonumber(ctl[2] or 0)
counters.seen, counters.buckets = tonumber(ctl[3] or 0), tonumber(ctl[4] or 0)
counters.queued = counters.queued or 0
counters.delayed, counters.leased = length('ZCARD', 'dly'), length('HLEN', 'lease')
counters.due, counters.workers = length('ZCARD', 'due'), call('ZCOUNT', C .. 'ws', now, '+inf')

local left = counters.queued + counters.delayed + counters.leased
local ready, wait = 0, DAY
for _, name in ipairs({ C .. 'due', C .. 'dly' }) do
  local first = call('ZRANGE', name, 0, 0, 'WITHSCORES')
  if first[1] then wait = min(wait, max(0, tonumber(first[2]) - now)) end
  ready = ready + call('ZCOUNT', name, '-inf', now)
end
-- What others hold, or keep a group's places full with, may come back at any moment: look again soon.
if left > counters.delayed then wait = min(wait, 1000) end
if ctl[1] == '1' then ready, wait = 0, max(wait, 1000) end
if left == 0 then wait = -1 end
return cmsgpack.pack({ ready, wait, counters })
