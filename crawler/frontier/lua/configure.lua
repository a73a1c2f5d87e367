-- Set a group's politeness for all crawls, and its budget in this one. Two portals, or two crawls,
-- may disagree about one group: of what was said within twelve hours the strictest holds, and
-- windows stay until others are named. `replace` sets everything outright.
-- ARGV[2..] group, delay ms, concurrency, windows, budget (-1: none), replace ("1" or "")
-- Returns the delay and the concurrency in force, robots.txt left aside
local group, delay, concurrency = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local windows, budget, replace = ARGV[5], tonumber(ARGV[6]), ARGV[7] == '1'
touch({ group })
if missing[1] then return undeclared() end
local g = G[group]

local as_asked = true
if not replace and now - g[SAID] < 12 * 3600000 then
  as_asked = delay >= g[DELAY] and concurrency <= g[CONCURRENCY]
  delay, concurrency = max(delay, g[DELAY]), min(concurrency, g[CONCURRENCY])
  if windows == '' then windows = g[WINDOWS] end
end
if not replace and g[BUDGET] >= 0 then
  budget = budget < 0 and g[BUDGET] or min(budget, g[BUDGET])
end
g[DELAY], g[CONCURRENCY], g[WINDOWS], g[BUDGET] = delay, concurrency, windows, budget
if as_asked then g[SAID] = now end
force_writes()
save()
return { delay, concurrency }
