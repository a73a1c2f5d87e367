-- Put before every script: names, the clock, and what is known of groups.
--   T  the shard's tag, "{f:3}:"             politeness of groups, for all crawls
--   C  a crawl's prefix, T .. crawl .. ":"   its queues, leases, seen URLs and counters
-- All keys of a script carry one hash tag. Times are ms of the server's clock. A queued item is
-- JSON; a lease is "worker|deadline|group|item"; a delayed member is "number|class|group|item".
-- KEYS[1] T, and in declared-keys mode every key that the script touches after it
-- ARGV[1] crawl
local call, max, min, floor = redis.call, math.max, math.min, math.floor
local T, crawl = KEYS[1], ARGV[1]
local C = T .. crawl .. ':'

local DAY = 86400000
local CHUNK = 500 -- an even number: most arguments or leases taken at once

-- What T g holds of a group: its politeness, then the share of each crawl in it. It is packed so, and
-- not as msgpack, because that takes half the time; and is above 64 bytes, below which Redis would
-- keep a list of them and search it.
local DELAY, CONCURRENCY, SAID, CRAWL_DELAY, CRAWL_UNTIL, INFLIGHT, NEXT = 1, 2, 3, 4, 5, 6, 7
local STRIKES, OPENED, UNTIL = 8, 9, 10 -- the breaker: 0 strikes closed, else open, then half open
local AVERAGE, WINDOWS = 11, 12 -- latency; opening hours
local CRAWL, Q, DELAYED = 13, 14, 18 -- a crawl's name ("": nobody's); queued of class 0, Q + 1 ...
local BUDGET, SPENT, PAUSED, CHALLENGES, BLOCKED = 19, 20, 21, 22, 23
local DONE, FAILED, SPILLED = 24, 25, 26
local POLITENESS, SHARE = '<I4I4dI4di4dI4ddI4s', 'sI4I4I4I4I4ddI4I4I4ddd'
local GROUP, LAST, NO_BUDGET = POLITENESS .. SHARE, 26, -1
local OTHERS = LAST + 1 -- the shares of other crawls, packed; where struct tells how far it came

local function clock()
  local t = call('TIME')
  return t[1] * 1000 + floor(t[2] / 1000), tonumber(t[2])
end
local now, micros = clock()

-- Declared-keys mode. A script names the keys that it is about to touch before its first write;
-- if the caller had not declared them all, it answers with their names and is called again.
local declared, missing = false, {}
if KEYS[2] then
  declared = {}
  for _, name in ipairs(KEYS) do declared[name] = true end
end

local function key(name)
  if declared and not declared[name] then
    declared[name], missing[#missing + 1] = true, name
  end
  return name
end

local function undeclared()
  table.insert(missing, 1, 'declare')
  return missing
end

local function queue_key(group, class) return C .. 'q:' .. group .. ':' .. class end

-- A command that needs memory is refused when Redis is full, unless the script has written before.
local function force_writes() call('HDEL', C .. 'ctl', '') end

-- One command for many arguments, or a few where they are more than Lua's stack bears.
local function in_chunks(command, name, args)
  for i = 1, #args, CHUNK do call(command, name, unpack(args, i, min(i + CHUNK - 1, #args))) end
end

local function count(name, by) call('HINCRBY', C .. 'cnt', name, by) end

-- Groups that this script works on, with this crawl's share. `save` stores those that are touched.
local G, touched = {}, {}

local function fresh_share(name) return name, 0, 0, 0, 0, 0, NO_BUDGET, 0, 0, 0, 0, 0, 0, 0 end

-- The shares of other crawls: packed, name, queued items.
local function each_share(packed)
  local at = 1
  return function()
    if at > #packed then return nil end
    local from, s = at, { struct.unpack('<' .. SHARE, packed, at) }
    at = s[#s]
    return string.sub(packed, from, at - 1), s
  end
end

-- A group whose first share is another crawl's, or nobody's: ours comes first, the others after it.
local function put_first(packed)
  local g, shares = { struct.unpack(POLITENESS, packed) }, {}
  local own = { fresh_share(crawl) }
  g.fresh = true
  for share, s in each_share(string.sub(packed, g[#g])) do
    if s[1] == crawl then
      own, g.fresh = s, nil
    elseif s[1] ~= '' then
      shares[#shares + 1] = share
    end
  end
  for i = 0, LAST - CRAWL do g[CRAWL + i] = own[1 + i] end
  g[OTHERS] = table.concat(shares)
  return g
end

local function read_group(packed)
  if not packed then
    local g = { 1000, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', fresh_share(crawl) }
    g[OTHERS], g.fresh = '', true
    return g
  end
  local g = { struct.unpack(GROUP, packed) }
  if g[CRAWL] ~= crawl then return put_first(packed) end
  g[OTHERS] = string.sub(packed, g[OTHERS])
  return g
end

-- Load groups that are not loaded yet.
local function load(names)
  local new = {}
  for _, name in ipairs(names) do
    if not G[name] then new[#new + 1], G[name] = name, true end
  end
  for from = 1, #new, CHUNK do
    local to = min(from + CHUNK - 1, #new)
    for i, packed in ipairs(call('HMGET', T .. 'g', unpack(new, from, to))) do
      local g = read_group(packed)
      G[new[from + i - 1]] = g
      if declared then
        for _, s in each_share(g[OTHERS]) do key(T .. s[1] .. ':due') end
      end
    end
  end
end

-- Load groups and mark them as to be stored.
local function touch(names)
  load(names)
  for _, name in ipairs(names) do touched[name] = true end
end

local function queued(g) return g[Q] + g[Q + 1] + g[Q + 2] + g[Q + 3] end
