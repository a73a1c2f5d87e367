-- Seen URLs: 63-bit fingerprints, as decimal strings since a Lua number holds 53 bits, in sets of
-- integers ("intsets", 8 bytes a member). A set must stay small to stay one, so buckets grow in
-- number with the crawl, one at a time (linear hashing), at 100 to 400 members each.
local FIRST, FILL = 16, 192 -- buckets to begin with; members a bucket, on average
local SPLITS = 4            -- new buckets in one call, at most
local ctl = call('HMGET', C .. 'ctl', 'seen', 'buckets')
local seen, buckets = tonumber(ctl[1]) or 0, tonumber(ctl[2]) or FIRST

local function power_within(n)
  local power = 1
  while 2 * power <= n do power = 2 * power end
  return power
end
local half = power_within(buckets)

local function bucket_of(fingerprint)
  local hash = tonumber(string.sub(fingerprint, -9))
  local bucket = hash % (2 * half)
  return bucket < buckets and bucket or hash % half
end

local function seen_key(fingerprint) return C .. 's:' .. bucket_of(fingerprint) end

-- The members of a new bucket are now in the bucket that lacks its highest bit.
local function split_keys(bucket)
  return C .. 's:' .. (bucket - power_within(bucket)), C .. 's:' .. bucket
end

-- Note how many fingerprints came, and add buckets for them.
local function grow(by)
  seen = call('HINCRBY', C .. 'ctl', 'seen', by)
  for _ = 1, SPLITS do
    if seen <= buckets * FILL then return end
    local from, to = split_keys(buckets)
    local new, moving = buckets, {}
    buckets, half = buckets + 1, power_within(buckets + 1)
    for _, fingerprint in ipairs(call('SMEMBERS', from)) do
      if bucket_of(fingerprint) == new then moving[#moving + 1] = fingerprint end
    end
    in_chunks('SADD', to, moving)
    in_chunks('SREM', from, moving)
    call('HSET', C .. 'ctl', 'buckets', buckets)
  end
end
