-- A resident's swab goes into an open tube; the last place seals it. The resident's open ticket is served by the same step.
--   ARGV     resident, tube
--   refuses  round_closed (run), resident_unknown, resident_deceased, already_sampled, wrong_fence, tube_unknown, tube_voided,
--            tube_sealed, tube_full, single_tube_only, risk_group_differs, household_differs, party_does_not_fit, tube_not_owned
--   events   swab.taken, tube.sealed, contact.recorded, resident.recalled, recall.opened, discrepancy.opened
-- Asked, each of these is a no. Reported, the swab has been taken: it is recorded, and each opens a discrepancy, with three
-- exceptions. A swab with a number before its own device's seal only came late; a party is a wish, not a fact; and another device may
-- add to a tube by asking, so `tube_not_owned` is said to reports only.

function steps.takeSwab(c, a)
  local refusal
  local n, r = findResident(c, a.resident)
  if not r then
    refusal = against(c, 'resident_unknown', { resident = a.resident })
    if refusal then return refusal end
    n = 0
  else
    if r.marks >= 2 then
      refusal = against(c, 'resident_deceased', { resident = a.resident })
      if refusal then return refusal end
    end
    -- Recalled people come again, once, for a tube of their own.
    if r.swabs > 0 and r.recalled ~= 1 then
      refusal = against(c, 'already_sampled', sampledDetail(r))
      if refusal then return refusal end
    end
  end

  if not fenced(a.tube) then
    refusal = against(c, 'wrong_fence', { tube = a.tube })
    if refusal then return refusal end
  end
  local tube, members = readTube(a.tube)
  local late = false
  if not tube then
    refusal = against(c, 'tube_unknown', { tube = a.tube })
    if refusal then return refusal end
    -- Its opening has not arrived: the tube exists all the same, and the opening completes it.
    tube = { state = TUBE_OPEN, size = cell.poolNormal, risk = r and r.risk or 0, marks = 4, count = 0, held = 0, counted = 255, station = 0, owner = c.device, household = 0, openedAt = happenedAt(c), firstSwabAt = 0, lastSwabAt = 0 }
    members = ''
  elseif tube.state == TUBE_VOID then
    refusal = against(c, 'tube_voided', { tube = a.tube })
    if refusal then return refusal end
  elseif tube.state == TUBE_SEALED then
    late = c.reported == 1 and tube.sealedBy == c.device and c.number < tube.sealedNumber
    if not late then
      refusal = against(c, tube.count >= tube.size and 'tube_full' or 'tube_sealed', { tube = a.tube, at = digits(tube.sealedAt), count = digits(tube.count) })
      if refusal then return refusal end
    end
  end
  -- Full and not sealed is only a tube whose opening has not arrived.
  if (late or tube.state == TUBE_OPEN) and tube.count >= tube.size then
    refusal = against(c, 'tube_full', { tube = a.tube, count = digits(tube.count), size = digits(tube.size) })
    if refusal then return refusal end
  end
  if r then
    if r.marks % 2 == 1 and tube.size > 1 then
      refusal = against(c, 'single_tube_only', { resident = a.resident })
      if refusal then return refusal end
    end
    if tube.size > 1 and tube.count > 0 and r.risk ~= tube.risk or tube.size > 1 and tube.count == 0 and poolSize(r.risk) < tube.size then
      refusal = against(c, 'risk_group_differs', { resident = a.resident })
      if refusal then return refusal end
    end
    if cell.household == 1 and tube.size > 1 and tube.count > 0 and r.household ~= tube.household then
      refusal = against(c, 'household_differs', { resident = a.resident })
      if refusal then return refusal end
    end
  end
  local ticketNumber, ticket
  if r then ticketNumber, ticket = openTicket(r) end
  if ticket and c.reported == 0 and cell.household == 0 and tube.size > 1 and tube.count > 0 then
    local left = ticket.party == ticketNumber and ticket.partyLeft or readTicket(ticket.party).partyLeft
    if left > tube.size - tube.count and left <= tube.size then
      return { word = 'party_does_not_fit', detail = { tube = a.tube, party = digits(left), free = digits(tube.size - tube.count) } }
    end
  end
  -- A packer's report may have been the first to speak of the tube.
  if tube.owner == 0 then tube.owner = c.device end
  if c.reported == 1 and tube.owner ~= c.device then against(c, 'tube_not_owned', { tube = a.tube }) end

  local at = happenedAt(c)
  local second = r and r.swabs > 0
  if tube.firstSwabAt == 0 then tube.firstSwabAt = at end
  if tube.count == 0 then beginTube(tube, r) end
  tube.count = math.min(255, tube.count + 1)
  tube.lastSwabAt = math.max(tube.lastSwabAt, at)
  local ticketFrom = 0
  if ticket then ticketFrom = endTicket(c, ticketNumber, ticket, TICKET_SERVED, r) end
  local id = record(c, 'swab.taken', {
    resident = n, tube = a.tube, station = tube.station, village = r and r.village or 0, count = tube.count, size = tube.size,
    marks = (second and 1 or 0) + (tube.state ~= TUBE_OPEN and 2 or 0) + (n == 0 and 4 or 0), ticket = ticketNumber or 0, ticketFrom = ticketFrom,
    ticketStation = ticket and ticket.station or 0, beforeResident = r and r.lastEvent, beforeTube = tube.lastEvent,
  })
  if r then
    r.swabs = math.min(255, r.swabs + 1)
    if not second then r.station, r.sampledAt = tube.station, at end
    r.lastEvent = id
    recalls.swabbed(c, a.tube, tube, n, r)
  end
  tube.lastEvent = id
  recalls.follow(c, a.tube, tube, n, r, MEMBER_ACTIVE)
  if r then writeResident(c, n, r) end
  if #c.contradictions > 0 then
    local holding = openDiscrepancies(c, a.tube, n)
    tube.held = math.min(255, tube.held + holding)
  end
  members = members .. pack('>I4B', n, second and MEMBER_ACTIVE + MEMBER_SECOND or MEMBER_ACTIVE)
  if tube.state == TUBE_OPEN and tube.count >= tube.size and tube.marks < 4 then
    local s = readStation(tube.station)
    seal(c, a.tube, tube, members, 'full', nil, s)
    if s then writeStation(c, tube.station, s) end
  else
    writeTube(c, a.tube, tube, members)
    watchVoid(c, a.tube, tube)
    if tube.state == TUBE_OPEN and tube.count == 1 then
      write(c, 'ZADD', key.deadlines, 'NX', digits(at + cell.tubeWarnMinutes * 60000), 'warn:' .. a.tube)
      if tube.marks >= 4 then custody.settle(c, a.tube, tube) end
    end
  end
end
