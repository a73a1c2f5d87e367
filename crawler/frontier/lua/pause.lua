-- Stop, or let go on, the leasing of one crawl.
-- KEYS[1] T
-- ARGV    crawl, "1" or "0"
-- Returns 1
call('HSET', KEYS[1] .. ARGV[1] .. ':ctl', 'paused', ARGV[2])
return 1
