-- A swab recorded in one tube is in truth in another: the wrong vial was scanned. Both tubes keep the trace.
--   ARGV     resident, from, to, reason, secondBy, note
--   refuses  round_closed (run), same_tube, resident_unknown, tube_unknown, tube_voided, swab_unknown, tube_full, single_tube_only,
--            second_person_needed
--   events   swab.moved, tube.sealed, contact.recorded, resident.recalled, recall.opened, discrepancy.opened
-- When either tube is sealed a second person confirms.

function steps.moveSwab(c, a)
  local refusal
  if a.from == a.to then
    refusal = against(c, 'same_tube', { tube = a.from })
    if refusal then return refusal end
  end
  local n, r = findResident(c, a.resident)
  if not r then
    refusal = against(c, 'resident_unknown', { resident = a.resident })
    if refusal then return refusal end
  end
  local from, fromMembers = readTube(a.from)
  local to, toMembers = readTube(a.to)
  if not from or not to then
    refusal = against(c, 'tube_unknown', { tube = from and a.to or a.from })
    if refusal then return refusal end
  end
  if to and to.state == TUBE_VOID then
    refusal = against(c, 'tube_voided', { tube = a.to })
    if refusal then return refusal end
  end
  local at, marks
  if from and r then at, marks = findMember(fromMembers, n) end
  if from and r and not at then
    refusal = against(c, 'swab_unknown', { resident = a.resident, tube = a.from })
    if refusal then return refusal end
  end
  if to and to.count >= to.size then
    refusal = against(c, 'tube_full', { tube = a.to, count = digits(to.count) })
    if refusal then return refusal end
  end
  if r and to and r.marks % 2 == 1 and to.size > 1 then
    refusal = against(c, 'single_tube_only', { resident = a.resident })
    if refusal then return refusal end
  end
  if from and to and (from.state ~= TUBE_OPEN or to.state ~= TUBE_OPEN) and (a.secondBy == '' or a.secondBy == c.by) then
    refusal = against(c, 'second_person_needed', {})
    if refusal then return refusal end
  end

  -- A report that cannot be carried out, for want of one of its ends, is what a supervisor has to look at.
  if not at or not to or a.from == a.to then
    local code = from and a.from or to and a.to or ''
    hold(c, code, from or to, from and fromMembers or toMembers, openDiscrepancies(c, code, r and n or 0))
    return
  end
  from.count = from.count - 1
  if to.count == 0 then beginTube(to, r) end
  to.count = math.min(255, to.count + 1)
  if to.firstSwabAt == 0 then to.firstSwabAt, to.lastSwabAt = from.firstSwabAt, from.lastSwabAt end
  local id = record(c, 'swab.moved', {
    resident = n, from = a.from, to = a.to, reason = a.reason, secondBy = a.secondBy, note = a.note,
    beforeResident = r.lastEvent, beforeFrom = from.lastEvent, beforeTo = to.lastEvent,
  })
  r.lastEvent, from.lastEvent, to.lastEvent = id, id, id
  local holding = openDiscrepancies(c, a.to, n)
  to.held = math.min(255, to.held + holding)
  recalls.back(from, r)
  recalls.swabbed(c, a.to, to, n, r)
  recalls.follow(c, a.to, to, n, r, marks)
  writeResident(c, n, r)
  writeTube(c, a.from, from, setMember(fromMembers, at, n, MEMBER_MOVED))
  watchVoid(c, a.from, from)
  toMembers = toMembers .. pack('>I4B', n, marks)
  if to.state == TUBE_OPEN and to.count >= to.size and to.marks < 4 then
    local s = readStation(to.station)
    seal(c, a.to, to, toMembers, 'full', nil, s)
    if s then writeStation(c, to.station, s) end
  else
    writeTube(c, a.to, to, toMembers)
    watchVoid(c, a.to, to)
    if to.state == TUBE_OPEN then write(c, 'ZADD', key.deadlines, 'NX', digits(to.firstSwabAt + cell.tubeWarnMinutes * 60000), 'warn:' .. a.to) end
  end
end
