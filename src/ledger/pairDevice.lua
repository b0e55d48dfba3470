-- A device gets a key of its own, a role and a place. A name that was paired before is the same tablet with new storage, or its
-- replacement: its old key ends with this, and so does a revocation.
--   ARGV     device, role, round, area, site, station, secret (SHA-256 of the key)
--   refuses  wrong_cell (run)
--   events   device.paired

function steps.pairDevice(c, a)
  local there = call('HGET', key.paired, a.device)
  local place = json.encode({ from = digits(c.now), role = a.role, round = a.round, area = a.area, site = a.site, station = a.station })
  write(c, 'HSET', key.paired, a.device, records.paired.pack({ state = 1, changedAt = c.now, secret = a.secret, places = place, placedAt = c.now }))
  record(c, 'device.paired', { name = a.device, role = a.role, round = a.round, area = a.area, site = a.site, station = a.station, again = there and 1 or 0 })
end
