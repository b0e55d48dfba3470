-- Somebody who is not on the roster (a visitor, a migrant, a child without a card) is put on it and can be sampled at once.
--   ARGV     index, sealed, village, household, risk, priority, single
--   refuses  round_closed (run), resident_known
--   events   resident.registered, village.named, discrepancy.opened
-- Reported for somebody who is already there, it answers with the entry there is: nobody becomes two people.

function steps.registerWalkIn(c, a)
  local there = a.index ~= '' and call('HGET', key.index, a.index)
  if there then there = digits(standsFor(tonumber(there))) end
  if there and c.reported == 0 then return { word = 'resident_known', detail = { resident = there } } end

  local risk, priority, single = riskGroups[a.risk], priorityClasses[a.priority], a.single == '1' and 1 or 0
  local village = villageOrdinal(c, a.village)
  local household = tonumber(a.household)
  local n = tonumber(there or 0)
  if not there then
    n = write(c, 'HINCRBY', key.cell, 'residents', 1)
    if a.index ~= '' then write(c, 'HSET', key.index, a.index, n) end
    write(c, 'HSET', key.vault, n, a.sealed)
    if household > 0 then recalls.house(c, household, pack('>I4', n)) end
  end
  local id = record(c, 'resident.registered', {
    resident = n, village = village, household = household, risk = risk, priority = priority, single = single, identified = a.index ~= '' and 1 or 0, already = there and 1 or 0,
  })
  if not there then
    writeResident(c, n, { state = 1, marks = single, risk = risk, priority = priority, village = village, household = household, lastEvent = id })
  end
  openDiscrepancies(c, '', n)
end
