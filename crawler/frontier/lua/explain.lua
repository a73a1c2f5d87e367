-- What is known of one group of this crawl, or of all. Writes nothing.
-- ARGV[2] group, "" for all
-- Returns msgpack: [now, crawl paused (0/1), [[group, fields of T g, due (-1: not due),
--         first delayed (0: none), delay in force, places]], [[group, id, worker, item]]]
local only = ARGV[2]
local names = only == '' and call('HKEYS', T .. 'g') or { only }
local rows, first, leases = {}, {}, {}
load(names)

local delayed = call('ZRANGE', C .. 'dly', 0, 2000, 'WITHSCORES')
for i = #delayed - 1, 1, -2 do
  first[string.match(delayed[i], '^%d+|%d|([^|]*)|')] = tonumber(delayed[i + 1])
end
for _, name in ipairs(names) do
  local g = G[name]
  if not g.fresh then
    rows[#rows + 1] = { name, { unpack(g, 1, LAST) }, tonumber(call('ZSCORE', C .. 'due', name) or -1),
      first[name] or 0, delay_of(g), places(g) }
  end
end
local all = call('HGETALL', C .. 'lease')
for i = 1, #all, 2 do
  local group, at, owner = read_lease(all[i + 1])
  if only == '' or group == only then
    leases[#leases + 1] = { group, all[i], owner, string.sub(all[i + 1], at) }
  end
end
return cmsgpack.pack({ now, tonumber(call('HGET', C .. 'ctl', 'paused') or 0), rows, leases })
