-- Those who came together get their places in the queue that serves them soonest (assignment.lua says by which rule).
--   ARGV     site, party (JSON: resident, number), station, priority
--   refuses  round_closed (run), site_unknown, station_unknown, resident_unknown, resident_deceased, already_sampled, ticket_open,
--            ticket_number_used, no_station_open
--   events   ticket.issued for each, discrepancy.opened
-- A report comes from a desk that gave out the ticket without a network: whoever has been swabbed meanwhile is served, whoever has
-- another ticket keeps that one.

function steps.issueTicket(c, a)
  local refusal
  local site = tonumber(call('HGET', key.names, 'site:' .. a.site) or 0)
  if site == 0 then
    refusal = against(c, 'site_unknown', { site = a.site })
    if refusal then return refusal end
  end
  local to, s
  if a.station ~= '' then
    to, s = findStation(a.station)
    if not to then
      refusal = against(c, 'station_unknown', { station = a.station })
      if refusal then return refusal end
    end
  end

  local party = json.decode(a.party)
  local people, seen, pooled, priority, village = {}, {}, 0, a.priority ~= '' and priorityClasses[a.priority] or 0, 0
  for i = 1, #party do
    local n, r = findResident(c, party[i].resident)
    local detail = { resident = party[i].resident, number = party[i].number }
    if not r then
      refusal = against(c, 'resident_unknown', detail)
      if refusal then return refusal end
    elseif seen[n] then
      refusal = against(c, 'ticket_open', detail)
      if refusal then return refusal end
    else
      seen[n] = true
      local state = TICKET_WAITING
      if r.marks >= 2 then
        refusal = against(c, 'resident_deceased', detail)
        if refusal then return refusal end
      end
      if r.swabs > 0 and r.recalled ~= 1 then
        if c.reported == 0 then
          local d = sampledDetail(r)
          d.resident = party[i].resident
          return { word = 'already_sampled', detail = d }
        end
        state = TICKET_SERVED
      end
      local number, open = openTicket(r)
      if number then
        if c.reported == 0 then
          local at = readStation(open.station)
          return { word = 'ticket_open', detail = { resident = party[i].resident, ticket = digits(number), station = at and at.code or '' } }
        end
        state = TICKET_GONE
      end
      local used = call('HGET', key.numbers, site .. ':' .. party[i].number)
      if used or seen[party[i].number] then
        refusal = against(c, 'ticket_number_used', detail)
        if refusal then return refusal end
      end
      seen[party[i].number] = true
      people[#people + 1] = { n = n, r = r, state = state, number = party[i].number, pooled = r.marks % 2 == 0 }
      if r.marks % 2 == 0 then pooled = pooled + 1 end
      if r.priority > 0 and priority == 0 then priority = r.priority end
      if village == 0 then village = r.village end
    end
  end
  local ahead, ms = 0, 0
  if to then
    ahead = assignment.ahead(to)
    ms = (ahead + #people) * (s.pace > 0 and s.pace or cell.secondsPerPerson * 1000)
  else
    to, s, ahead, ms = assignment.choose(assignment.sitesOf(village, site), #people)
    if not to and site > 0 then to, s, ahead, ms = assignment.choose({ site }, #people) end
    if not to then
      if c.reported == 0 then return { word = 'no_station_open', detail = { site = a.site } } end
      to, ahead, ms = 0, 0, 0
    end
  end

  local at = happenedAt(c)
  local place = priority > 0 and math.max(0, at - cell.priorityLeadMinutes * 60000) or at
  local wait = #people > 0 and math.floor(ms / (ahead + #people) * ahead / 1000) or 0
  local waiting = false
  local first
  for i = 1, #people do
    local p = people[i]
    local n = write(c, 'HINCRBY', key.cell, 'tickets', 1)
    first = first or n
    local t = {
      state = p.state, priority = priority, resident = p.n, station = to, site = s and s.site or site, party = first,
      partyLeft = n == first and pooled or 0, place = place,
    }
    p.r.lastEvent = record(c, 'ticket.issued', {
      ticket = n, resident = p.n, number = p.number, site = t.site, station = to, party = first, partySize = #people, priority = priority,
      ahead = math.min(ahead, 65535), waitSeconds = wait, state = p.state, beforeResident = p.r.lastEvent,
    })
    if p.state == TICKET_WAITING then
      p.r.ticket = n
      enqueue(c, n, t)
      waiting = true
    end
    writeTicket(c, n, t)
    writeResident(c, p.n, p.r)
    write(c, 'HSET', key.numbers, site .. ':' .. p.number, n)
  end
  -- Those served or doubled already do not have to fit into the party's tube.
  if first then
    local leader = readTicket(first)
    for i = 1, #people do if people[i].state ~= TICKET_WAITING and people[i].pooled then leader.partyLeft = leader.partyLeft - 1 end end
    if leader.partyLeft < pooled then writeTicket(c, first, leader) end
  end
  if waiting then
    if to > 0 and (s.state == 1 or s.state == 3) then assignment.watch(c, to) else assignment.strand(c, to) end
  end
  openDiscrepancies(c, '', people[1] and people[1].n or 0)
end
