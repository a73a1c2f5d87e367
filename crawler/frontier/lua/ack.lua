-- Settle leases for good. A lease that is not this worker's any more is left alone.
-- KEYS[1] T
-- ARGV    crawl, worker, msgpack list of [id, verdict, elapsed ms, idle ms, crawl-delay ms, ref]
--         flattened
-- Returns a string of "1" (settled) or "0" (stale), in order
local T, crawl, worker, args = KEYS[1], ARGV[1], ARGV[2], cmsgpack.unpack(ARGV[3])
local C, now = T .. crawl .. ':', clock()
local ids, out, mine, dropped, groups, verdicts = {}, {}, {}, {}, {}, {}

for i = 1, #args, 6 do ids[#ids + 1] = args[i] end
for n, value in ipairs(call('HMGET', C .. 'lease', unpack(ids))) do
  local id, group, item = ids[n], read_lease(value, worker)
  local won = group and not mine[id]
  if won then
    mine[id], dropped[#dropped + 1] = { n, group, item }, id
  end
  out[n] = won and '1' or '0'
end
if #dropped == 0 then return table.concat(out) end
drop_leases(C, worker, dropped) -- first of all writes: it works when memory is full, and makes room

local function settle_one(id, group, item, verdict, elapsed, idle, asked, ref)
  local g = groups[group] or load_group(T, group, now)
  groups[group] = g
  if asked > 0 then hear_robots(T, group, g, asked, now) end
  settle(g, now, elapsed, idle)
  journal(C, id, verdict, elapsed, ref, item)
  verdicts[verdict] = (verdicts[verdict] or 0) + 1
end

for _, id in ipairs(dropped) do
  local n, group, item = unpack(mine[id])
  settle_one(id, group, item, unpack(args, 6 * n - 4, 6 * n))
end
for group, g in pairs(groups) do store_group(T, group, g) end
for verdict, n in pairs(verdicts) do count(C, verdict, n) end
return table.concat(out)
