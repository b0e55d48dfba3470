-- A tube is closed for good, with the reason: full, the shift ends, a household is done. Nothing goes in any more except by correction.
--   ARGV     tube, reason, counted
--   refuses  round_closed (run), tube_unknown, tube_voided, tube_sealed, tube_empty, count_differs
--   events   tube.sealed, discrepancy.opened
-- Anyone at the station may seal. Reported for a tube that is sealed already it changes nothing: the vial is closed, as both say.

function steps.sealTube(c, a)
  local refusal
  local tube, members = readTube(a.tube)
  local counted = a.counted ~= '' and tonumber(a.counted) or nil
  if not tube then
    refusal = against(c, 'tube_unknown', { tube = a.tube })
    if refusal then return refusal end
    openDiscrepancies(c, '', 0)
    return
  end
  if tube.state == TUBE_VOID then
    refusal = against(c, 'tube_voided', { tube = a.tube })
    if refusal then return refusal end
  elseif tube.state == TUBE_SEALED then
    if c.reported == 0 then return { word = 'tube_sealed', detail = { tube = a.tube, at = digits(tube.sealedAt), count = digits(tube.count) } } end
  elseif tube.count == 0 then
    refusal = against(c, 'tube_empty', { tube = a.tube })
    if refusal then return refusal end
  end
  if counted and counted ~= tube.count then
    refusal = against(c, 'count_differs', { tube = a.tube, counted = digits(counted), recorded = digits(tube.count) })
    if refusal then return refusal end
  end

  if tube.state == TUBE_OPEN then
    local s = readStation(tube.station)
    seal(c, a.tube, tube, members, a.reason, counted, s)
    if s then writeStation(c, tube.station, s) end
  else
    tube.lastEvent = record(c, 'tube.sealed', { tube = a.tube, station = tube.station, count = tube.count, counted = counted or 255, reason = a.reason, beforeTube = tube.lastEvent })
    -- From here on this device's earlier swabs count as its own, late: the device has said when it closed the vial.
    if tube.state == TUBE_SEALED and tube.owner == c.device and tube.sealedBy ~= c.device then tube.sealedBy, tube.sealedNumber = c.device, c.number end
    if counted then tube.counted = counted end
  end
  local holding = openDiscrepancies(c, a.tube, 0)
  tube.held = math.min(255, tube.held + holding)
  if tube.state ~= TUBE_OPEN then writeTube(c, a.tube, tube, members) end
end
