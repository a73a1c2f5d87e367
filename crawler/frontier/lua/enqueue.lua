-- Queue what was never seen. Idempotent: asking again answers "seen" and changes nothing.
-- ARGV[2..] msgpack list of [group, mode, fingerprint, pattern, item] flattened; longest queue of a
--           group; most URLs of one pattern. The mode is the class, plus 10 to queue what was seen,
--           20 to queue what is kept as failed, 30 to note as seen only. A pattern is "" where
--           nobody counts.
-- Returns a string, a letter a row: "1" new, "0" seen, "2" no room, "3" trap, "4" draining
local PLAIN, FORCED, AGAIN, NOTED = 0, 1, 2, 3
local args, longest, most = cmsgpack.unpack(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local draining = call('HGET', C .. 'ctl', 'draining') == '1'

local names, idle, room, last = {}, {}, {}, nil
for i = 1, #args, 5 do
  local group = args[i]
  if group ~= last and not room[group] then
    room[group], names[#names + 1] = 0, group
  end
  last = group
  if declared then
    key(seen_key(args[i + 2]))
    key(queue_key(group, args[i + 1] % 10))
  end
end
load_shares(names)
for _, name in ipairs(names) do
  room[name] = longest - queued(S[name])
  if room[name] == longest then idle[#idle + 1] = name end
end
load_groups(idle) -- of the others, neither politeness nor place in the due set will change
if declared then
  for new = buckets, buckets + SPLITS - 1 do
    for _, name in ipairs({ split_keys(new) }) do key(name) end
  end
  if missing[1] then return undeclared() end
end

local full = false -- Redis refuses what needs memory, and so has refused all of this batch

local function is_seen(fingerprint)
  return call('SISMEMBER', seen_key(fingerprint), fingerprint) == 1
end

local function refusal(group, pattern)
  if draining then return '4' end
  if full or room[group] <= 0 then return '2' end
  if pattern ~= '' and tonumber(call('HGET', C .. 'traps', pattern) or 0) >= most then return '3' end
end

local function note(fingerprint)
  local added = redis.pcall('SADD', seen_key(fingerprint), fingerprint)
  if type(added) == 'number' then return tostring(added) end
  if not string.find(added.err, 'OOM', 1, true) then error(added.err) end
  full = true
  return is_seen(fingerprint) and '0' or '2'
end

local fresh = 0
local function verdict(group, kind, fingerprint, pattern)
  if kind == AGAIN then return full and '2' or tostring(call('HDEL', C .. 'failed', fingerprint)) end
  if draining or full or pattern ~= '' or room[group] <= 0 then
    if kind ~= FORCED and is_seen(fingerprint) then return '0' end
    local refused = kind ~= NOTED and refusal(group, pattern)
    if refused then return refused end
  end
  local answer = note(fingerprint)
  if answer == '1' then
    fresh = fresh + 1
    if pattern ~= '' then call('HINCRBY', C .. 'traps', pattern, 1) end
  end
  return answer == '0' and kind == FORCED and not full and '1' or answer
end

local out, lists, total, again, counts = {}, {}, 0, 0, {}
for i = 1, #args, 5 do
  local group, mode, item = args[i], args[i + 1], args[i + 4]
  local class, kind, s = mode % 10, floor(mode / 10), S[group]
  local answer = verdict(group, kind, args[i + 2], args[i + 3])
  out[#out + 1] = answer
  if answer == '1' and kind ~= NOTED then
    local own = lists[group] or {}
    local list = own[class] or {}
    lists[group], own[class], list[#list + 1] = own, list, item
    room[group], s[class + 1], touched[group] = room[group] - 1, s[class + 1] + 1, true
    total = total + 1
    if kind == AGAIN then again, s[FAILED] = again + 1, s[FAILED] - 1 end
  elseif answer ~= '0' then
    if answer == '2' then s[SPILLED], touched[group] = s[SPILLED] + 1, true end
    counts[answer] = (counts[answer] or 0) + 1
  end
end
out = table.concat(out)
if full then return out end -- nothing was written, and nothing can be

for group, own in pairs(lists) do
  for class, items in pairs(own) do call('RPUSH', queue_key(group, class), unpack(items)) end
end
if total > 0 then count('queued', total) end
if total > again then count('added', total - again) end
if again > 0 then count('failed', -again) end
for answer, name in pairs({ ['2'] = 'spilled', ['3'] = 'rejected:trap', ['4'] = 'rejected:draining' }) do
  if counts[answer] then count(name, counts[answer]) end
end
save()
if fresh > 0 then grow(fresh) end
return out
