-- How a crawl stands in this shard, as of one instant. Writes nothing.
-- KEYS[1] T
-- ARGV    crawl
-- Returns ready (groups or delayed items to lease now), ms until there is something (-1: nothing
--         left), paused (0/1), delayed, leased, due groups, workers, then counter, value, ...
local C, now = KEYS[1] .. ARGV[1] .. ':', clock()
local counters = call('HGETALL', C .. 'cnt')
local paused = call('HGET', C .. 'ctl', 'paused') == '1'
local delayed, leased = call('ZCARD', C .. 'dly'), call('HLEN', C .. 'lease')
local waiting = tonumber(call('HGET', C .. 'cnt', 'queued')) or 0
local ready, wait = 0, math.huge

for _, key in ipairs({ C .. 'due', C .. 'dly' }) do
  local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if first[1] then wait = min(wait, max(0, tonumber(first[2]) - now)) end
  ready = ready + call('ZCOUNT', key, '-inf', now)
end
-- What others hold, or keep a group's places full with, may come back at any moment: look again soon.
if leased > 0 or waiting > 0 then wait = min(wait, 1000) end
if paused then ready, wait = 0, max(wait, 1000) end
if delayed + leased + waiting == 0 then wait = -1 end

local out = { ready, wait, paused and 1 or 0, delayed, leased,
  call('ZCARD', C .. 'due'), call('ZCOUNT', C .. 'ws', now, '+inf') }
for _, v in ipairs(counters) do out[#out + 1] = v end
return out
