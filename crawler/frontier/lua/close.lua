-- A worker goes home: its leases return to the head of class 0, uncounted.
-- KEYS[1] T
-- ARGV    crawl, worker
-- Returns how many leases went back
return give_back_all(KEYS[1], ARGV[1], ARGV[2], clock())
