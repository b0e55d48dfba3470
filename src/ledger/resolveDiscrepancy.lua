-- A person settles a contradiction on the record. What has to change is changed first, by its own steps (voidSwab, moveSwab, ...);
-- this says that it has been looked at, by whom, and how it ended. `identified` names the person of an unidentified swab.
--   ARGV     discrepancy, resolution, resident, note
--   refuses  discrepancy_unknown, discrepancy_resolved, resident_unknown, already_sampled
--   events   discrepancy.resolved, resident.recalled, recall.opened

function steps.resolveDiscrepancy(c, a)
  local text = call('HGET', key.discrepancies, a.discrepancy)
  if not text then return { word = 'discrepancy_unknown', detail = { discrepancy = a.discrepancy } } end
  local d = json.decode(text)
  if d.state ~= 'open' then return { word = 'discrepancy_resolved', detail = { discrepancy = a.discrepancy } } end
  local tube, members
  if d.tube ~= '' and cell.laboratory == 0 then tube, members = readTube(d.tube) end
  local n, r, at = 0, nil, nil
  if a.resolution == 'identified' then
    n, r = findResident(c, a.resident ~= '' and a.resident or '0')
    at = tube and findMember(members, 0)
    if not r or not at or d.what ~= 'resident_unknown' then return { word = 'resident_unknown', detail = { resident = a.resident } } end
    if r.swabs > 0 then return { word = 'already_sampled', detail = sampledDetail(r) } end
  end

  d.state, d.resolution, d.resolvedAt, d.resolvedBy = 'resolved', a.resolution, digits(c.now), c.by
  write(c, 'HSET', key.discrepancies, a.discrepancy, json.encode(d))
  write(c, 'ZREM', key.unfinished, 'discrepancy:' .. a.discrepancy)
  local id = record(c, 'discrepancy.resolved', { discrepancy = tonumber(a.discrepancy), what = d.what, tube = d.tube, resident = tonumber(d.resident), resolution = a.resolution, identified = n, note = a.note, beforeResident = r and r.lastEvent })
  local intake = cell.laboratory == 1 and d.holds and lab.intake(d.tube)
  if intake then
    intake.held = math.max(0, intake.held - 1)
    lab.writeIntake(c, d.tube, intake)
    if intake.held == 0 then write(c, 'ZADD', key.deadlines, digits(c.now), 'judge:' .. d.tube) end
  end
  if tube then
    if d.holds and tube.held > 0 then tube.held = tube.held - 1 end
    if at then
      members = setMember(members, at, n, MEMBER_ACTIVE)
      r.swabs, r.station, r.sampledAt, r.lastEvent = 1, tube.station, tube.lastSwabAt, id
      recalls.identify(c, tube)
      recalls.follow(c, d.tube, tube, n, r, MEMBER_ACTIVE)
      writeResident(c, n, r)
    end
    writeTube(c, d.tube, tube, members)
    custody.tryRelease(c, d.tube, tube)
  end
end
