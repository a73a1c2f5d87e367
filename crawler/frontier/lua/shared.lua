-- Put before every script. All keys of a script carry one hash tag.
--   T  the shard's tag, "{f:3}:"            groups, and who has work in them, for all crawls
--   C  a crawl's prefix, T .. crawl .. ":"   its queues, leases, seen URLs and counters
-- A queued item is "class|attempt|json"; a lease is "worker|group|item"; a delayed member is
-- "number|group|item". Classes are 0..3, 0 first. Times are ms of the server's clock.
local call, max, min = redis.call, math.max, math.min

local DELAY = 1000            -- between two starts, where nobody configured the group
local SLOW_FACTOR = 1         -- a server gets at least as long a rest as it took to answer ...
local SLOW_CAP = 30000        -- ... up to this
local WEEK = 7 * 86400000     -- a robots.txt crawl-delay is forgotten when not seen for so long
local LOG = 1000              -- events kept a shard and crawl, about

local function clock()
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- A group's politeness: delay in force, concurrency, requests in flight, earliest next start.
local function load_group(T, group, now)
  local v = call('HMGET', T .. 'g:' .. group,
    'delay', 'crawl_delay', 'crawl_until', 'concurrency', 'inflight', 'next')
  local delay = tonumber(v[1]) or DELAY
  if v[2] and tonumber(v[3]) > now then delay = max(delay, tonumber(v[2])) end
  return { delay = delay, concurrency = tonumber(v[4]) or 1,
    inflight = tonumber(v[5]) or 0, next = tonumber(v[6]) or 0 }
end

-- A group is due in a crawl exactly when it has queued work there and a free place; the score says
-- from when. One crawl's lease or ack changes that for every crawl with work in the group.
local function arm(T, group, g)
  for _, crawl in ipairs(call('SMEMBERS', T .. 'w:' .. group)) do
    local due = T .. crawl .. ':due'
    if g.inflight < g.concurrency then
      call('ZADD', due, g.next, group)
    else
      call('ZREM', due, group)
    end
  end
end

local function count(C, name, by) call('HINCRBY', C .. 'cnt', name, by) end

-- Note `by` more (or fewer) queued items of a group; its last one takes it out of the due set.
-- True when it had none before: then the caller arms it.
local function queued(T, crawl, group, by)
  local C = T .. crawl .. ':'
  local n = call('HINCRBY', C .. 'n', group, by)
  if n == 0 then
    call('HDEL', C .. 'n', group)
    call('SREM', T .. 'w:' .. group, crawl)
    call('ZREM', C .. 'due', group)
  elseif n == by then
    call('SADD', T .. 'w:' .. group, crawl)
  end
  return n == by
end

local function class_of(item) return string.sub(item, 1, 1) end

local function to_head(T, crawl, group, class, item)
  call('LPUSH', T .. crawl .. ':q:' .. group .. ':' .. class, item)
  queued(T, crawl, group, 1)
  count(T .. crawl .. ':', 'queued', 1)
end

local function to_delayed(T, crawl, group, item, due)
  local C = T .. crawl .. ':'
  local number = call('HINCRBY', C .. 'cnt', 'numbers', 1)
  call('ZADD', C .. 'dly', due, number .. '|' .. group .. '|' .. item)
end

-- Move delayed items whose time has come to the head of their class, and make their groups due.
local function wake(T, crawl, now, limit)
  local dly = T .. crawl .. ':dly'
  local members = call('ZRANGEBYSCORE', dly, '-inf', now, 'LIMIT', 0, limit)
  for _, member in ipairs(members) do
    local group, item = string.match(member, '^%d+|([^|]*)|(.*)$')
    call('ZREM', dly, member)
    to_head(T, crawl, group, class_of(item), item)
    arm(T, group, load_group(T, group, now))
  end
end

-- The group, item and owner of a stored lease; nil when it is not (or no longer) this worker's.
local function read_lease(value, worker)
  if not value then return nil end
  local owner, group, item = string.match(value, '^([^|]*)|([^|]*)|(.*)$')
  if worker and owner ~= worker then return nil end
  return group, item, owner
end

-- The caller lowers the groups' numbers in flight.
local function drop_leases(C, worker, ids)
  call('HDEL', C .. 'lease', unpack(ids))
  call('ZREM', C .. 'lex', unpack(ids))
  call('SREM', C .. 'wl:' .. worker, unpack(ids))
end

-- Back to the head of class 0 as if it had never been leased; the group's `next` stays.
local function give_back(T, crawl, id, now)
  local C = T .. crawl .. ':'
  local group, item, owner = read_lease(call('HGET', C .. 'lease', id))
  if not group then return 0 end
  drop_leases(C, owner, { id })
  call('HINCRBY', T .. 'g:' .. group, 'inflight', -1)
  to_head(T, crawl, group, 0, item)
  arm(T, group, load_group(T, group, now))
  return 1
end

local function give_back_all(T, crawl, worker, now)
  local C, n = T .. crawl .. ':', 0
  for _, id in ipairs(call('SMEMBERS', C .. 'wl:' .. worker)) do
    n = n + give_back(T, crawl, id, now)
  end
  call('ZREM', C .. 'ws', worker)
  return n
end

-- The strictest crawl-delay of the last week wins, also between hosts of one group.
local function hear_robots(T, group, g, asked, now)
  local key = T .. 'g:' .. group
  local v = call('HMGET', key, 'crawl_delay', 'crawl_until')
  if not v[1] or asked >= tonumber(v[1]) or tonumber(v[2]) <= now then
    call('HSET', key, 'crawl_delay', asked, 'crawl_until', now + WEEK)
  end
  g.delay = max(g.delay, asked)
end

-- One place is free again after an exchange that took `elapsed` and ended `idle` ago: when may the
-- next one start? A delay of 0 (loopback only) switches the rest for slow servers off.
local function settle(g, now, elapsed, idle)
  local rest = g.delay
  if rest > 0 then rest = max(rest, min(elapsed * SLOW_FACTOR, SLOW_CAP)) end
  g.next, g.inflight = max(g.next, now - idle + rest), g.inflight - 1
end

local function store_group(T, group, g)
  call('HSET', T .. 'g:' .. group, 'next', g.next, 'inflight', g.inflight)
  arm(T, group, g)
end

local function journal(C, id, verdict, elapsed, note, item)
  call('XADD', C .. 'log', 'MAXLEN', '~', LOG, '*', 'lease', id, 'verdict', verdict,
    'ms', elapsed, 'note', note, 'item', item)
end
