-- Set a group's delay and concurrency for all crawls. Two portals, or two crawls, may disagree
-- about one group: of what was said within twelve hours, the longer delay and the lower concurrency
-- hold. `replace` sets both outright.
-- KEYS[1] T
-- ARGV    group, delay ms, concurrency, replace ("1" or "")
-- Returns the delay and the concurrency in force, robots.txt left aside
local T, group, delay, concurrency = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local key, now = T .. 'g:' .. group, clock()
local v = call('HMGET', key, 'delay', 'concurrency', 'said')

local fresh = v[3] and ARGV[4] ~= '1' and now - v[3] < 12 * 3600000
local as_asked = true
if fresh then
  local longer, lower = max(delay, tonumber(v[1])), min(concurrency, tonumber(v[2]))
  as_asked = longer == delay and lower == concurrency
  delay, concurrency = longer, lower
end
call('HSET', key, 'delay', delay, 'concurrency', concurrency)
if as_asked then call('HSET', key, 'said', now) end
arm(T, group, load_group(T, group, now))
return { delay, concurrency }
