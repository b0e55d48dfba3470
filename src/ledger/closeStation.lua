-- A table ends its day: its open tubes are sealed, empty ones taken off the record, and its people handed on in order.
--   ARGV     station, reason
--   refuses  round_closed (run), station_unknown, station_not_open
--   events   station.closed, tube.sealed, tube.voided, ticket.moved

function steps.closeStation(c, a)
  local ordinal, s = findStation(a.station)
  if not ordinal then return { word = 'station_unknown', detail = { station = a.station } } end
  if s.state == 4 then return { word = 'station_not_open', detail = { station = a.station } } end
  s.state, s.marks = 4, 0
  record(c, 'station.closed', { station = ordinal, reason = a.reason })
  for code in string.gmatch(s.tubes, '%S+') do
    local tube, members = readTube(code)
    -- What a silent device has in the vial is not known: its tube is sealed when it has sent everything, or by hand.
    if not confirmed(c, tube.owner) then write(c, 'ZADD', key.deadlines, digits(c.now), 'seal:' .. code)
    elseif tube.count == 0 then voidWhole(c, code, tube, members, 'unused', '', '', s)
    else seal(c, code, tube, members, 'station_closed', nil, s) end
  end
  writeStation(c, ordinal, s)
  assignment.handOn(c, ordinal, s, 'station_closed', 50)
end
