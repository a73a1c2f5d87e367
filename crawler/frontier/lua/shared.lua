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

-- What T g holds of a group: its politeness. This and the next are packed so, and not as msgpack,
-- because it takes half the time; and above 64 bytes, because Redis keeps smaller ones in lists.
local DELAY, CONCURRENCY, SAID, CRAWL_DELAY, CRAWL_UNTIL, INFLIGHT, NEXT = 1, 2, 3, 4, 5, 6, 7
local STRIKES, OPENED, UNTIL = 8, 9, 10 -- the breaker: 0 strikes closed, else open, then half open
local AVERAGE, WINDOWS, CRAWLS = 11, 12, 13 -- latency; opening hours; crawls with queued work, "a|b"
local POLITENESS = '<I4I4dI4di4dI4ddI4ss'

-- What C g holds of a group: this crawl's share of it. 1 to 4: queued items of class 0 to 3.
local DELAYED, BUDGET, SPENT, PAUSED, CHALLENGES, BLOCKED = 5, 6, 7, 8, 9, 10
local DONE, FAILED, SPILLED = 11, 12, 13
local SHARE = '<I4I4I4I4I4ddI4I4I4ddd'

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

-- Groups and shares that this script works on. What is touched is stored by `save`.
local G, S, touched = {}, {}, {}

local function read_share(packed)
  if not packed then return { 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0 } end
  local s = { struct.unpack(SHARE, packed) }
  s[14] = nil -- struct tells where it stopped
  return s
end

local function load_shares(names)
  if #names == 0 then return end
  for i, packed in ipairs(call('HMGET', C .. 'g', unpack(names))) do S[names[i]] = read_share(packed) end
end

local function load_groups(names)
  if #names == 0 then return end
  for i, packed in ipairs(call('HMGET', T .. 'g', unpack(names))) do
    local g = packed and { struct.unpack(POLITENESS, packed) } or { 1000, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', '' }
    g[14], G[names[i]] = nil, g
    if declared then
      for other in string.gmatch(g[CRAWLS], '[^|]+') do
        key(T .. other .. ':g')
        key(T .. other .. ':due')
      end
    end
  end
end

-- Load what is not loaded yet, groups and shares, and mark it as touched.
local function touch(names)
  local fresh = {}
  for _, name in ipairs(names) do
    if not touched[name] then
      touched[name] = true
      if not G[name] then fresh[#fresh + 1] = name end
    end
  end
  load_groups(fresh)
  load_shares(fresh)
end

local function queued(s) return s[1] + s[2] + s[3] + s[4] end
