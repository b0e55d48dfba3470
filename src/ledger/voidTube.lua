-- A tube is taken off the record: broken, contaminated, never used. Everybody whose only swab was in it is to be sampled again.
--   ARGV     tube, reason, secondBy, note
--   refuses  round_closed (run), tube_unknown, tube_voided, second_person_needed
--   events   tube.voided, discrepancy.opened
-- A tube with people in it needs a second person. Reported once more it takes off what was reported into it since: the vial is gone, and
-- so are those swabs.

function steps.voidTube(c, a)
  local refusal
  local tube, members = readTube(a.tube)
  if not tube then
    refusal = against(c, 'tube_unknown', { tube = a.tube })
    if refusal then return refusal end
    openDiscrepancies(c, '', 0)
    return
  end
  if tube.state == TUBE_VOID and c.reported == 0 then return { word = 'tube_voided', detail = { tube = a.tube } } end
  if tube.count > 0 and (a.secondBy == '' or a.secondBy == c.by) then
    refusal = against(c, 'second_person_needed', { tube = a.tube, count = digits(tube.count) })
    if refusal then return refusal end
  end

  local s = tube.station > 0 and readStation(tube.station) or nil
  voidWhole(c, a.tube, tube, members, a.reason, a.secondBy, a.note, s)
  if s then writeStation(c, tube.station, s) end
  openDiscrepancies(c, a.tube, 0)
end
