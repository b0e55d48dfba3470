-- A station calls the next party: its first waiting ticket and those who came with it.
--   ARGV     station
--   refuses  round_closed (run), station_unknown, station_not_open, queue_empty
--   events   ticket.called for each, tube.sealed
-- Under the rule `together` a party that does not fit into the open tube, but would fit into an empty one, has it sealed early.

function steps.callNext(c, a)
  local ordinal, s = findStation(a.station)
  if not ordinal then return { word = 'station_unknown', detail = { station = a.station } } end
  if s.state ~= 1 and s.state ~= 3 then return { word = 'station_not_open', detail = { station = a.station } } end
  local band = ordinal * 2
  local list = call('ZRANGEBYSCORE', key.queue, digits(band * BAND), '(' .. digits((band + 1) * BAND), 'LIMIT', 0, 20)
  if #list == 0 then return { word = 'queue_empty', detail = { station = a.station } } end

  local party
  for i = 1, #list do
    local n = tonumber(list[i])
    local t = readTicket(n)
    party = party or t.party
    if t.party == party then
      t.state = TICKET_CALLED
      local r = readResident(t.resident)
      r.lastEvent = record(c, 'ticket.called', { ticket = n, resident = t.resident, station = ordinal, beforeResident = r.lastEvent })
      writeResident(c, t.resident, r)
      writeTicket(c, n, t)
      enqueue(c, n, t)
    end
  end
  s.marks = 0
  if cell.household == 0 then
    local left = readTicket(party).partyLeft
    for code in string.gmatch(s.tubes, '%S+') do
      local tube, members = readTube(code)
      if tube.size > 1 and tube.owner == c.device and tube.count > 0 and left > tube.size - tube.count and left <= tube.size then
        seal(c, code, tube, members, 'party', nil, s)
      end
    end
  end
  writeStation(c, ordinal, s)
end
