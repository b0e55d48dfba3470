-- A table rests (a break, no vials); its people are handed on in order, the called ones first.
--   ARGV     station, reason
--   refuses  round_closed (run), station_unknown, station_not_open
--   events   station.paused, ticket.moved

function steps.pauseStation(c, a)
  local ordinal, s = findStation(a.station)
  if not ordinal then return { word = 'station_unknown', detail = { station = a.station } } end
  if s.state ~= 1 and s.state ~= 3 then return { word = 'station_not_open', detail = { station = a.station } } end
  s.state, s.marks = 2, 0
  writeStation(c, ordinal, s)
  record(c, 'station.paused', { station = ordinal, reason = a.reason })
  assignment.handOn(c, ordinal, s, 'station_paused', 50)
end
