-- Queue what was never seen. Idempotent: asking again answers 0 and changes nothing.
-- KEYS[1] T
-- ARGV    crawl, msgpack list of [group, bucket, fingerprint, force ("1" or ""), item] flattened;
--         fingerprints are decimal strings, since a Lua number holds only 53 bits
-- Returns a string of "1" (new) or "0" (seen), in order
local T, crawl, args = KEYS[1], ARGV[1], cmsgpack.unpack(ARGV[2])
local C = T .. crawl .. ':'
local seen, out, lists, added, total = C .. 's:', {}, {}, {}, 0

for i = 1, #args, 5 do
  local group, item = args[i], args[i + 4]
  if call('SADD', seen .. args[i + 1], args[i + 2]) == 1 or args[i + 3] == '1' then
    local key = C .. 'q:' .. group .. ':' .. class_of(item)
    local list = lists[key]
    if list then list[#list + 1] = item else lists[key] = { item } end
    added[group] = (added[group] or 0) + 1
    total = total + 1
    out[#out + 1] = '1'
  else
    out[#out + 1] = '0'
  end
end

for key, items in pairs(lists) do call('RPUSH', key, unpack(items)) end
for group, n in pairs(added) do
  if queued(T, crawl, group, n) then arm(T, group, load_group(T, group, 0)) end
end
if total > 0 then
  count(C, 'added', total)
  count(C, 'queued', total)
end
return table.concat(out)
