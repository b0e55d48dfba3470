-- A swab that is not in the tube is taken off the record: the wrong person was scanned, or nothing was taken. Its place stays visible
-- as a crossed-out member, who is recalled with the others if the tube is positive.
--   ARGV     resident, tube, reason, secondBy, note
--   refuses  round_closed (run), resident_unknown, tube_unknown, swab_unknown, second_person_needed
--   events   swab.voided, discrepancy.opened
-- After sealing a second person confirms. A report without one is recorded and opens a discrepancy.

function steps.voidSwab(c, a)
  local refusal
  local n, r = findResident(c, a.resident)
  if not r then
    refusal = against(c, 'resident_unknown', { resident = a.resident })
    if refusal then return refusal end
  end
  local tube, members = readTube(a.tube)
  if not tube then
    refusal = against(c, 'tube_unknown', { tube = a.tube })
    if refusal then return refusal end
  end
  local at, marks
  if tube and r then at, marks = findMember(members, n) end
  if tube and r and not at then
    refusal = against(c, 'swab_unknown', { resident = a.resident, tube = a.tube })
    if refusal then return refusal end
  end
  if tube and tube.state ~= TUBE_OPEN and (a.secondBy == '' or a.secondBy == c.by) then
    refusal = against(c, 'second_person_needed', { tube = a.tube })
    if refusal then return refusal end
  end

  if not at then
    hold(c, tube and a.tube or '', tube, members, openDiscrepancies(c, tube and a.tube or '', r and n or 0))
    return
  end
  r.swabs = r.swabs - 1
  tube.count = tube.count - 1
  local id = record(c, 'swab.voided', {
    resident = n, tube = a.tube, village = r.village, reason = a.reason, secondBy = a.secondBy, note = a.note, left = r.swabs,
    beforeResident = r.lastEvent, beforeTube = tube.lastEvent,
  })
  r.lastEvent, tube.lastEvent = id, id
  local holding = openDiscrepancies(c, a.tube, n)
  tube.held = math.min(255, tube.held + holding)
  recalls.back(tube, r)
  writeResident(c, n, r)
  writeTube(c, a.tube, tube, setMember(members, at, n, MEMBER_VOID))
  watchVoid(c, a.tube, tube)
end
