-- Items on their way between queues, the delayed set and leases.

-- Put items at the head of a queue, the first of them first. The caller touched the group.
local function to_head(group, class, items)
  local back = {}
  for i = #items, 1, -1 do back[#back + 1] = items[i] end
  call('LPUSH', queue_key(group, class), unpack(back))
  G[group][Q + class] = G[group][Q + class] + #items
  count('queued', #items)
end

local function to_delayed(group, class, item, due)
  local number = call('HINCRBY', C .. 'ctl', 'numbers', 1)
  call('ZADD', C .. 'dly', due, number .. '|' .. class .. '|' .. group .. '|' .. item)
  G[group][DELAYED] = G[group][DELAYED] + 1
end

-- Move delayed items whose time has come to the head of their class. False: keys are missing.
local function wake(limit)
  local members = call('ZRANGEBYSCORE', C .. 'dly', '-inf', now, 'LIMIT', 0, limit)
  if #members == 0 then return true end
  local lists, groups = {}, {}
  for _, member in ipairs(members) do
    local class, group, item = string.match(member, '^%d+|(%d)|([^|]*)|(.*)$')
    local name = key(queue_key(group, class))
    if not lists[name] then lists[name] = { group, tonumber(class), {} } end
    table.insert(lists[name][3], item)
    groups[#groups + 1] = group
  end
  touch(groups)
  if missing[1] then return false end
  call('ZREM', C .. 'dly', unpack(members))
  for _, list in pairs(lists) do
    local group, class, items = unpack(list)
    to_head(group, class, items)
    G[group][DELAYED] = G[group][DELAYED] - #items
  end
  save()
  return true
end

-- Of a stored lease: the group, where the item begins, and the owner. Nil when it is not, or no
-- longer, this worker's.
local function read_lease(value, worker)
  local owner, group, at = string.match(value or '', '^([^|]*)|%d+|([^|]*)|()')
  if group and (not worker or owner == worker) then return group, at, owner end
end

local function drop_leases(worker, ids)
  call('HDEL', C .. 'lease', unpack(ids))
  if call('HINCRBY', C .. 'held', worker, -#ids) <= 0 then call('HDEL', C .. 'held', worker) end
end

-- Give leases back as if they had never been: to the head of class 0, with their budget. Only the
-- group rests for its delay: until a moment ago somebody may have sent a request.
-- `wanted(owner, deadline)` says which, up to CHUNK of them. Returns how many, or nil when keys are
-- missing, and the earliest deadline of the others.
local function give_back(wanted)
  local all, owners, lists, groups, n, earliest = call('HGETALL', C .. 'lease'), {}, {}, {}, 0, nil
  for i = 1, #all, 2 do
    local owner, deadline, group, at = string.match(all[i + 1], '^([^|]*)|(%d+)|([^|]*)|()')
    deadline = tonumber(deadline)
    if n < CHUNK and wanted(owner, deadline) then
      n = n + 1
      owners[owner], lists[group] = owners[owner] or {}, lists[group] or {}
      table.insert(owners[owner], all[i])
      table.insert(lists[group], string.sub(all[i + 1], at))
      groups[n] = group
      key(queue_key(group, 0))
    else
      earliest = min(earliest or deadline, deadline)
    end
  end
  if n == 0 then return 0, earliest end
  touch(groups)
  if missing[1] then return nil end
  for owner, ids in pairs(owners) do drop_leases(owner, ids) end
  for group, items in pairs(lists) do
    local g = G[group]
    g[INFLIGHT], g[SPENT] = g[INFLIGHT] - #items, g[SPENT] - #items
    g[NEXT] = max(g[NEXT], now + delay_of(g))
    to_head(group, 0, items)
  end
  save()
  return n, earliest
end

-- Keep the record of a failed fetch, so that people can have it queued again.
local function keep_failed(fingerprint, group, item)
  if call('HLEN', C .. 'failed') < 10000 then
    call('HSET', C .. 'failed', fingerprint, group .. '|' .. item)
  end
end

-- One entry for each call that settled something: its worker, and lines "id verdict note\n".
local function journal(worker, lines)
  call('XADD', C .. 'log', 'MAXLEN', '~', 1000, '*', worker, table.concat(lines))
end
