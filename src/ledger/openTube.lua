-- An empty vial is taken for a pool. A pool tube that this device still has open at the station is sealed first (the next tube's scan
-- ends the one before); an empty one is taken off the record.
--   ARGV     tube, station, risk, size
--   refuses  round_closed (run), station_unknown, station_not_open, wrong_fence, tube_code_used, size_not_allowed, tube_full
--   events   tube.opened, tube.sealed, tube.voided, discrepancy.opened
-- A report of a code that is on record already makes the tube contested: both devices' people are its members, and it is held.

function steps.openTube(c, a)
  local refusal
  local ordinal, s = findStation(a.station)
  if not ordinal then
    refusal = against(c, 'station_unknown', { station = a.station })
    if refusal then return refusal end
  elseif s.state == 4 or s.state == 2 then
    refusal = against(c, 'station_not_open', { station = a.station })
    if refusal then return refusal end
  end
  if not fenced(a.tube) then
    refusal = against(c, 'wrong_fence', { tube = a.tube })
    if refusal then return refusal end
  end
  local there, members = readTube(a.tube)
  -- A tube that began with the report of a swab only is what this report was missing.
  local begun = there and (there.owner == c.device or there.owner == 0) and there.state ~= TUBE_VOID and there.marks >= 4
  if there and not begun then
    local at = readStation(there.station)
    refusal = against(c, 'tube_code_used', { tube = a.tube, station = at and at.code or '', at = digits(there.openedAt) })
    if refusal then return refusal end
  end
  local risk = riskGroups[a.risk]
  local allowed = poolSize(risk)
  local size = a.size ~= '' and tonumber(a.size) or allowed
  if size > allowed then
    refusal = against(c, 'size_not_allowed', { size = digits(size), allowed = digits(allowed) })
    if refusal then return refusal end
  end
  -- More have been reported into it than it has places.
  if begun and there.count > size then
    refusal = against(c, 'tube_full', { tube = a.tube, count = digits(there.count), size = digits(size) })
    if refusal then return refusal end
  end

  if s and size > 1 then
    for code in string.gmatch(s.tubes, '%S+') do
      local tube, inside = readTube(code)
      if tube.owner == c.device and tube.size > 1 and code ~= a.tube then
        if tube.count == 0 then voidWhole(c, code, tube, inside, 'replaced', '', '', s)
        else seal(c, code, tube, inside, 'next_tube', nil, s) end
      end
    end
  end
  local holding
  if there and not begun then
    holding = openDiscrepancies(c, a.tube, 0)
    there.held = math.min(255, there.held + holding)
    there.lastEvent = record(c, 'tube.opened', { tube = a.tube, station = ordinal or 0, size = size, risk = risk, beforeTube = there.lastEvent })
    writeTube(c, a.tube, there, members)
  else
    local id = record(c, 'tube.opened', { tube = a.tube, station = ordinal or 0, size = size, risk = risk, beforeTube = there and there.lastEvent })
    holding = openDiscrepancies(c, a.tube, 0)
    local tube = there or { state = TUBE_OPEN, marks = 0, count = 0, held = 0, counted = 255 }
    tube.size, tube.marks = size, tube.marks % 4
    if tube.count == 0 then tube.risk = risk end
    tube.held = math.min(255, tube.held + holding)
    tube.station, tube.owner, tube.openedAt = ordinal or 0, c.device, tube.openedAt and tube.openedAt > 0 and tube.openedAt or happenedAt(c)
    tube.lastEvent = id
    custody.settle(c, a.tube, tube)
    local open = tube.state == TUBE_OPEN
    if s and open then s.tubes = s.tubes .. a.tube .. ' ' end
    if open and tube.count >= tube.size then seal(c, a.tube, tube, members, 'full', nil, s)
    else writeTube(c, a.tube, tube, members or '') end
  end
  if s then s.marks = 0; writeStation(c, ordinal, s) end
end
