-- Lease up to `want` items of groups that are due. Everything that forbids a start is checked here,
-- in the same step that takes the item and moves the group's `next`.
-- ARGV[2..] worker, want, session ms, lease ms
-- Returns a JSON list of [id, group, item]
local worker, want, deadline = ARGV[2], tonumber(ARGV[3]), now + ARGV[5]
local ctl = call('HMGET', C .. 'ctl', 'paused', 'deadline')
if ctl[1] == '1' then return '[]' end
if not wake(100) then return undeclared() end
local names = call('ZRANGEBYSCORE', C .. 'due', '-inf', now, 'LIMIT', 0, want)
if #names == 0 then return '[]' end
touch(names)

-- What to take: group, class, how many, key, group, ...
local takes, taken = {}, 0
for _, name in ipairs(names) do
  local g = G[name]
  local n = places(g) - g[INFLIGHT] -- at least one: it is due
  if n > 1 and delay_of(g) > 0 then n = 1 end
  if n > want - taken then n = want - taken end
  if g[BUDGET] ~= NO_BUDGET then n = min(n, g[BUDGET] - g[SPENT]) end
  if g[WINDOWS] ~= '' and opening(g[WINDOWS], now) > now then n = 0 end
  for class = 0, 3 do
    if n <= 0 then break end
    local k = g[Q + class]
    if k > 0 then
      if k > n then k = n end
      local i = #takes
      takes[i + 1], takes[i + 2], takes[i + 3] = name, class, k
      takes[i + 4] = key(queue_key(name, class))
      n, taken = n - k, taken + k
    end
  end
end
if missing[1] then return undeclared() end
force_writes()

-- An id is unique in its crawl: the shard, a number that does not repeat while Redis keeps its
-- data, and the time, for where it did not.
local shard, number = string.match(T, '%d+'), call('HINCRBY', C .. 'ctl', 'numbers', taken) - taken
local leases, out, before, after = {}, {}, worker .. '|' .. deadline .. '|', '-' .. now
local function lease(group, item)
  local id, n, o = shard .. '-' .. number .. after, #leases, #out
  leases[n + 1], leases[n + 2], number = id, before .. group .. '|' .. item, number + 1
  out[o + 1], out[o + 2], out[o + 3], out[o + 4], out[o + 5] = '["', id, '","', group, '",'
  out[o + 6], out[o + 7] = item, '],'
end

for i = 1, #takes, 4 do
  local name, class, k, queue = takes[i], takes[i + 1], takes[i + 2], takes[i + 3]
  local g = G[name]
  if k == 1 then
    lease(name, call('LPOP', queue))
  else
    for _, item in ipairs(call('LPOP', queue, k)) do lease(name, item) end
  end
  g[Q + class], g[SPENT], g[INFLIGHT] = g[Q + class] - k, g[SPENT] + k, g[INFLIGHT] + k
  g[NEXT] = now + delay_of(g)
end
if taken > 0 then
  count('queued', -taken)
  call('HSET', C .. 'lease', unpack(leases))
  call('HINCRBY', C .. 'held', worker, taken)
  call('ZADD', C .. 'ws', now + ARGV[4], worker)
  call('SADD', T .. 'live', crawl)
  if not ctl[2] or tonumber(ctl[2]) > deadline then call('HSET', C .. 'ctl', 'deadline', deadline) end
end
save()
if taken > 0 then out[#out] = ']' end -- no comma after the last
return '[' .. table.concat(out) .. ']'
