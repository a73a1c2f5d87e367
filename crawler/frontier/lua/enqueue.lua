-- Queue what was never seen. Idempotent: asking again answers "seen" and changes nothing.
-- ARGV[2..] msgpack list of [group, mode, fingerprint, pattern, item] flattened; longest queue of a
--           group; most URLs of one pattern. The mode is the class, plus 10 to queue what was seen,
--           20 to queue what is kept as failed, 30 to note as seen only. A pattern is "" where
--           nobody counts.
-- Returns a string, a letter a row: "1" new, "0" seen, "2" no room, "3" trap, "4" draining
local FORCED, AGAIN, NOTED = 10, 20, 30
local args, longest, most = cmsgpack.unpack(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local draining = call('HGET', C .. 'ctl', 'draining') == '1'

if declared then
  local names = {}
  for i = 1, #args, 5 do
    names[#names + 1] = args[i]
    key(seen_key(args[i + 2]))
    key(queue_key(args[i], args[i + 1] % 10))
  end
  for new = buckets, buckets + SPLITS - 1 do
    for _, name in ipairs({ split_keys(new) }) do key(name) end
  end
  load(names)
  if missing[1] then return undeclared() end
end

local full = false -- Redis refuses what needs memory, and so has refused all of this batch
local noted, fresh = {}, 0 -- rows whose fingerprint is new; how many

local function is_seen(fingerprint)
  return call('SISMEMBER', seen_key(fingerprint), fingerprint) == 1
end

local function note(i, fingerprint)
  local added = redis.pcall('SADD', seen_key(fingerprint), fingerprint)
  if added == 1 then
    noted[i], fresh = true, fresh + 1
  elseif added ~= 0 then
    if not string.find(added.err, 'OOM', 1, true) then error(added.err) end
    full = true
  end
  return added == 1
end

local function verdict(i, mode, fingerprint, pattern)
  if mode < FORCED then
    local refused = draining and '4' or full and '2'
    if not refused and pattern ~= '' then
      refused = tonumber(call('HGET', C .. 'traps', pattern) or 0) >= most and '3'
    end
    if not refused and note(i, fingerprint) then
      if pattern ~= '' then call('HINCRBY', C .. 'traps', pattern, 1) end
      return '1'
    end
    return (full or refused) and not is_seen(fingerprint) and (refused or '2') or '0'
  elseif mode < AGAIN then
    if not draining then note(i, fingerprint) end
    return draining and '4' or full and '2' or '1'
  elseif mode < NOTED then
    return call('HEXISTS', C .. 'failed', fingerprint) == 1 and '1' or '0'
  end
  return note(i, fingerprint) and '1' or full and '2' or '0'
end

local out, rows, groups = {}, {}, {} -- rows to queue, by group
for i = 1, #args, 5 do
  local group, mode = args[i], args[i + 1]
  local answer = verdict(i, mode, args[i + 2], args[i + 3])
  out[#out + 1] = answer
  if answer == '1' and mode < NOTED then
    local own = rows[group]
    if own then
      own[#own + 1] = i
    else
      rows[group], groups[#groups + 1] = { i }, group
    end
  end
end
if full then return table.concat(out) end -- nothing was written, and nothing can be

touch(groups)
local total, again = 0, 0
for group, own in pairs(rows) do
  local g, lists = G[group], {}
  local room = longest - queued(g)
  touched[group] = room == longest -- where something waited before, the next start is as it was
  for _, i in ipairs(own) do
    local mode, fingerprint, pattern = args[i + 1], args[i + 2], args[i + 3]
    if room <= 0 and mode < AGAIN then
      if noted[i] then
        fresh = fresh - call('SREM', seen_key(fingerprint), fingerprint)
        if pattern ~= '' then call('HINCRBY', C .. 'traps', pattern, -1) end
      end
      out[(i + 4) / 5], g[SPILLED] = '2', g[SPILLED] + 1
    else
      local class = mode % 10
      local list = lists[class] or {}
      lists[class], list[#list + 1] = list, args[i + 4]
      g[Q + class], room, total = g[Q + class] + 1, room - 1, total + 1
      if mode >= AGAIN then
        call('HDEL', C .. 'failed', fingerprint)
        again, g[FAILED] = again + 1, g[FAILED] - 1
      end
    end
  end
  for class, items in pairs(lists) do call('RPUSH', queue_key(group, class), unpack(items)) end
end
save()

out = table.concat(out)
for letter, name in pairs({ ['2'] = 'spilled', ['3'] = 'rejected:trap', ['4'] = 'rejected:draining' }) do
  local _, n = string.gsub(out, letter, '')
  if n > 0 then
    force_writes()
    count(name, n)
  end
end
if total > 0 then count('queued', total) end
if total > again then count('added', total - again) end
if again > 0 then count('failed', -again) end
if fresh > 0 then grow(fresh) end
return out
