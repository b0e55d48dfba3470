-- A ticket goes to another station and keeps its place by time of arrival; one that was skipped comes back into the queue.
--   ARGV     resident, station
--   refuses  round_closed (run), station_unknown, station_not_open, resident_unknown, ticket_unknown
--   events   ticket.moved

function steps.moveTicket(c, a)
  local to, s = findStation(a.station)
  if not to then return { word = 'station_unknown', detail = { station = a.station } } end
  if s.state ~= 1 then return { word = 'station_not_open', detail = { station = a.station } } end
  local _, r = findResident(c, a.resident)
  if not r then return { word = 'resident_unknown', detail = { resident = a.resident } } end
  local n, t = openTicket(r)
  if not n then return { word = 'ticket_unknown', detail = { resident = a.resident } } end

  if t.state == TICKET_SKIPPED then
    write(c, 'ZREM', key.deadlines, 'kept:' .. n)
    t.state, t.absences = TICKET_WAITING, 0
  end
  assignment.move(c, n, t, to, 'desk')
end
