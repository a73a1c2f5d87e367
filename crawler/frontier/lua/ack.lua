-- Settle leases for good. A lease that is not this worker's any more is left alone; one that this
-- worker settled lately, and settles again because a connection broke, is answered alike.
-- ARGV[2..] worker; msgpack list of [id, verdict, elapsed ms, idle ms, crawl-delay ms, strike, ref,
--           fingerprint ("" unless failed)] flattened; breaker base ms; challenges allowed
-- Returns a string of "1" (settled) or "0" (stale), in order
local worker, args, base, limit = ARGV[2], cmsgpack.unpack(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local ids, out, mine, dropped, groups, stale = {}, {}, {}, {}, {}, {}
for i = 1, #args, 8 do ids[#ids + 1] = args[i] end

local values = call('HMGET', C .. 'lease', unpack(ids))
local rows, items = {}, {} -- of the leases to settle: where in `args`; where the item begins
for n, id in ipairs(ids) do
  local group, at = read_lease(values[n], worker)
  out[n] = '1'
  if not group then
    stale[#stale + 1] = n
  elseif not mine[id] then
    local i = #dropped + 1
    mine[id], dropped[i], groups[i], rows[i], items[i] = true, id, group, n, at
  end
end
touch(groups)
if missing[1] then return undeclared() end

if #stale > 0 then
  local lines = {}
  for _, entry in ipairs(call('XREVRANGE', C .. 'log', '+', '-')) do
    if entry[2][1] == worker then lines[#lines + 1] = entry[2][2] end
  end
  local settled = '\n' .. table.concat(lines)
  for _, n in ipairs(stale) do
    if not string.find(settled, '\n' .. ids[n] .. ' ', 1, true) then out[n] = '0' end
  end
end
if #dropped == 0 then return table.concat(out) end
drop_leases(worker, dropped) -- first of all writes: it works when memory is full, and makes room

local lines, verdicts = {}, {}
for i, id in ipairs(dropped) do
  local n, group = rows[i], groups[i]
  local _, verdict, elapsed, idle, asked, strike, ref, fingerprint = unpack(args, 8 * n - 7, 8 * n)
  local g = G[group]
  if asked > 0 then hear_robots(g, asked) end
  settle(g, elapsed, idle)
  judge(g, strike, id, 0, base, limit)
  local field = verdict == 'failed' and FAILED or DONE
  g[field] = g[field] + 1
  if verdict == 'failed' then keep_failed(fingerprint, group, string.sub(values[n], items[i])) end
  verdicts[verdict] = (verdicts[verdict] or 0) + 1
  local l = #lines
  lines[l + 1], lines[l + 2], lines[l + 3], lines[l + 4] = id, ' ', verdict, ' '
  lines[l + 5], lines[l + 6] = ref, '\n'
end
save()
for verdict, n in pairs(verdicts) do count(verdict, n) end
journal(worker, lines)
return table.concat(out)
