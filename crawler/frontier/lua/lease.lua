-- Lease up to `want` items of groups that are due. Pause, concurrency and `next` are checked here,
-- in the same step that takes the item and moves the group's `next`.
-- KEYS[1] T
-- ARGV    crawl, worker, want, session ms, lease ms
-- Returns lines: id, group, item, id, group, item, ... (none of them holds a line break)
local T, crawl, worker, want = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local C = T .. crawl .. ':'
if call('HGET', C .. 'ctl', 'paused') == '1' then return '' end
local now, out, taken = clock(), {}, 0
local leases, deadlines, ids = {}, {}, {}
wake(T, crawl, now, 100)

-- The next item, looking from a class below which there is nothing, and the class it is of.
local function pop(group, class)
  while class <= 3 do
    local item = call('LPOP', C .. 'q:' .. group .. ':' .. class)
    if item then return item, class end
    class = class + 1
  end
end

-- An id is unique in its crawl: the shard, a number that does not repeat while Redis keeps its data,
-- and the time, for where it did not.
local shard, number = string.match(T, '%d+'), tonumber(call('HGET', C .. 'cnt', 'numbers')) or 0

local function lease(group, item)
  local id, n = shard .. '-' .. (number + taken) .. '-' .. now, 2 * taken - 1
  leases[n], leases[n + 1] = id, worker .. '|' .. group .. '|' .. item
  deadlines[n], deadlines[n + 1] = now + ARGV[5], id
  ids[taken] = id
  out[#out + 1], out[#out + 2], out[#out + 3] = id, group, item
end

for _, group in ipairs(call('ZRANGEBYSCORE', C .. 'due', '-inf', now, 'LIMIT', 0, want)) do
  local g, before, item, class = load_group(T, group, now), taken, nil, 0
  while taken < want and g.inflight < g.concurrency and g.next <= now do
    item, class = pop(group, class)
    if not item then break end
    taken, g.inflight, g.next = taken + 1, g.inflight + 1, now + g.delay
    lease(group, item)
  end
  if taken > before then
    queued(T, crawl, group, before - taken)
  end
  store_group(T, group, g)
end

if taken > 0 then
  count(C, 'queued', -taken)
  count(C, 'numbers', taken)
  call('HSET', C .. 'lease', unpack(leases))
  call('ZADD', C .. 'lex', unpack(deadlines))
  call('SADD', C .. 'wl:' .. worker, unpack(ids))
  call('ZADD', C .. 'ws', now + ARGV[4], worker)
  call('SADD', T .. 'live', crawl)
end
return table.concat(out, '\n')
