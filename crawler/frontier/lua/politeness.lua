-- When a group may be asked again, and who decides that.
local WEEK = 7 * DAY      -- a robots.txt crawl-delay is forgotten when not seen for so long
local SLOW_CAP = 30000    -- a server gets at least as long a rest as it took to answer, up to this
local CHINA = 8 * 3600000 -- Asia/Shanghai is UTC+8 all year

local function delay_of(g)
  return g[CRAWL_UNTIL] > now and max(g[DELAY], g[CRAWL_DELAY]) or g[DELAY]
end

-- How many may be in flight: while the breaker is not closed, one probe.
local function places(g) return g[STRIKES] > 0 and 1 or g[CONCURRENCY] end

-- The earliest time not before `at` within the windows "22:00-06:00,12:00-13:00".
local function opening(windows, at)
  local today, wait = (at + CHINA) % DAY, DAY
  for h1, m1, h2, m2 in string.gmatch(windows, '(%d+):(%d+)-(%d+):(%d+)') do
    local from, to = (h1 * 60 + m1) * 60000, (h2 * 60 + m2) * 60000
    if (today - from) % DAY < (to - from) % DAY then return at end
    wait = min(wait, (from - today) % DAY)
  end
  return at + wait
end

-- Whether a share is to be fetched from at all in this crawl.
local function open_to(g)
  return g[PAUSED] == 0 and g[BLOCKED] == 0 and (g[BUDGET] == NO_BUDGET or g[SPENT] < g[BUDGET])
end

-- The earliest next start of a group in the crawl of its share; nil when there is none to come.
local function start_of(g)
  if queued(g) == 0 or g[INFLIGHT] >= places(g) or not open_to(g) then return nil end
  local at = g[NEXT] > g[UNTIL] and g[NEXT] or g[UNTIL]
  return g[WINDOWS] == '' and at or opening(g[WINDOWS], max(at, now))
end

-- The strictest crawl-delay of the last week wins, also between hosts of one group.
local function hear_robots(g, asked)
  if asked >= g[CRAWL_DELAY] or g[CRAWL_UNTIL] <= now then
    g[CRAWL_DELAY], g[CRAWL_UNTIL] = asked, now + WEEK
  end
end

-- A place is free again after an exchange that took `elapsed` and ended `idle` ago. A delay of 0
-- (loopback only) switches the rest for slow servers off.
local function settle(g, elapsed, idle)
  local rest, known = delay_of(g), g[AVERAGE]
  if rest > 0 and elapsed > rest then rest = max(rest, min(elapsed, SLOW_CAP)) end
  local following = now - idle + rest
  if following > g[NEXT] then g[NEXT] = following end
  g[INFLIGHT] = g[INFLIGHT] - 1
  if elapsed > 0 then
    g[AVERAGE] = known == 0 and elapsed or floor(known + (elapsed - known) / 8 + 0.5)
  end
end

-- What the exchange of lease `id` says about the server. Leases that were under way when the
-- breaker opened tell nothing new, whichever way they end; but what the server asks for holds.
local function judge(g, strike, id, block, base, limit)
  if strike == 'none' and block == 0 and g[STRIKES] == 0 and g[CHALLENGES] == 0 then return end
  local probe = g[OPENED] == 0 or tonumber(string.match(id, '%d+$')) > g[OPENED]
  if strike == 'busy' then
    local wait = block
    if probe then
      local backoff = min(base * 2 ^ min(g[STRIKES], 30), DAY)
      wait = max(block, floor(backoff * (0.9 + micros % 1000 / 5000) + 0.5))
      g[STRIKES], g[OPENED] = g[STRIKES] + 1, now
    end
    g[UNTIL] = max(g[UNTIL], now + wait)
  else
    g[NEXT] = max(g[NEXT], now + block)
  end
  if strike == 'none' then
    g[CHALLENGES] = 0
    if probe then g[STRIKES], g[UNTIL] = 0, 0 end
  elseif strike == 'challenge' then
    g[CHALLENGES] = g[CHALLENGES] + 1
    if g[CHALLENGES] >= limit then g[BLOCKED] = 1 end
  end
end

-- A group is due in a crawl exactly when it may be leased from there now or at a time that is
-- known; the score is that time. What one crawl does to a group changes that for all crawls.
local function arm_others(name, g)
  for _, s in each_share(g[OTHERS]) do
    local theirs = { unpack(g, 1, WINDOWS) }
    for i = 0, LAST - CRAWL do theirs[CRAWL + i] = s[1 + i] end
    local at, due = start_of(theirs), T .. s[1] .. ':due'
    if at then call('ZADD', due, at, name) else call('ZREM', due, name) end
  end
end

-- Store what was touched, and put each group that may start at another time than before into the
-- due set or out of it.
local function save()
  local groups, due, off = {}, {}, {}
  for name, moves in pairs(touched) do
    local g, n = G[name], #groups
    groups[n + 1], groups[n + 2] = name, struct.pack(GROUP, unpack(g, 1, LAST))
    if g[OTHERS] ~= '' then groups[n + 2] = groups[n + 2] .. g[OTHERS] end
    local at = moves and start_of(g)
    if at then
      n = #due
      due[n + 1], due[n + 2] = at, name
    elseif moves then
      off[#off + 1] = name
    end
    if moves and g[OTHERS] ~= '' then arm_others(name, g) end
  end
  touched = {}
  in_chunks('HSET', T .. 'g', groups)
  in_chunks('ZREM', C .. 'due', off)
  in_chunks('ZADD', C .. 'due', due)
end
