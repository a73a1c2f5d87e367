-- Forget that URLs were seen, so that they may be queued again.
-- ARGV[2] msgpack list of fingerprints
-- Returns how many of them had been seen
local fingerprints, n = cmsgpack.unpack(ARGV[2]), 0
for _, fingerprint in ipairs(fingerprints) do key(seen_key(fingerprint)) end
if missing[1] then return undeclared() end
for _, fingerprint in ipairs(fingerprints) do
  n = n + call('SREM', seen_key(fingerprint), fingerprint)
end
if n > 0 then call('HINCRBY', C .. 'ctl', 'seen', -n) end
return n
