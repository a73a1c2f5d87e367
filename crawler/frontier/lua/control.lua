-- Pause, drain and let go on: this crawl, or its share of one group.
-- ARGV[2..] group ("" for the crawl), "pause", "drain" or "resume". Resuming a group also lifts the
--           stop that challenges brought about.
-- Returns 1
local group, what = ARGV[2], ARGV[3]
if group == '' then
  force_writes()
  call('HDEL', C .. 'ctl', unpack(what == 'resume' and { 'paused', 'draining' } or { '' }))
  if what == 'pause' then call('HSET', C .. 'ctl', 'paused', '1') end
  if what == 'drain' then call('HSET', C .. 'ctl', 'draining', '1') end
  return 1
end
touch({ group })
if missing[1] then return undeclared() end
local g = G[group]
g[PAUSED] = what == 'pause' and 1 or 0
if what == 'resume' then g[CHALLENGES], g[BLOCKED] = 0, 0 end
force_writes()
save()
return 1
