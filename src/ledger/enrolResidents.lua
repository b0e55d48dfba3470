-- Residents are put on the roster. Somebody whose identity is already there stays as he is, so the same file again changes nothing.
--   ARGV     residents (JSON: index, sealed, village, household, risk, priority, single)
--   refuses  round_closed (run)
--   events   residents.enrolled, village.named
-- Two rows of one call with the same identity are the same person: the first is enrolled, the second is already there.

function steps.enrolResidents(c, a)
  local rows = json.decode(a.residents)
  local first = tonumber(call('HGET', key.cell, 'residents') or 0) + 1
  local n, packed, records_, known, doors = first, {}, {}, {}, {}
  for i = 1, #rows do
    local row = rows[i]
    -- HSETNX in the writing half would be one command less, but a row may repeat inside the call.
    local there = row.index and call('HGET', key.index, row.index)
    if there then
      known[#known + 1] = pack('>I4', there)
    else
      local village = villageOrdinal(c, row.village)
      local risk, priority = riskGroups[row.risk], priorityClasses[row.priority]
      local single = row.single and 1 or 0
      if row.index then write(c, 'HSET', key.index, row.index, n) end
      write(c, 'HSET', key.vault, n, row.sealed)
      packed[#packed + 1] = pack('>I2I4BBB', village, row.household, risk, priority, single)
      records_[#records_ + 1] = records.resident.pack({ state = 1, marks = single, risk = risk, priority = priority, village = village, household = row.household })
      if row.household > 0 then doors[row.household] = (doors[row.household] or '') .. pack('>I4', n) end
      n = n + 1
    end
  end
  local count = n - first
  if count > 0 then
    write(c, 'HSET', key.cell, 'residents', n - 1)
    for household, residents in pairs(doors) do recalls.house(c, household, residents) end
    write(c, 'SETRANGE', key.residents, (first - 1) * records.resident.size, table.concat(records_))
  end
  record(c, 'residents.enrolled', { first = first, count = count, already = #known, packed = table.concat(packed), known = table.concat(known) })
end
