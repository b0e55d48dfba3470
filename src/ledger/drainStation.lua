-- A table takes nobody new and serves those it has: the last hour of the day.
--   ARGV     station, reason
--   refuses  round_closed (run), station_unknown, station_not_open
--   events   station.draining

function steps.drainStation(c, a)
  local ordinal, s = findStation(a.station)
  if not ordinal then return { word = 'station_unknown', detail = { station = a.station } } end
  if s.state ~= 1 then return { word = 'station_not_open', detail = { station = a.station } } end
  s.state = 3
  writeStation(c, ordinal, s)
  record(c, 'station.draining', { station = ordinal, reason = a.reason })
end
