-- A table is ready to take people: the first time, or again after a rest or a closing.
--   ARGV     station, site
--   refuses  round_closed (run), site_unknown, station_elsewhere, too_many_stations, station_open
--   events   station.opened

function steps.openStation(c, a)
  local site = tonumber(call('HGET', key.names, 'site:' .. a.site) or 0)
  if site == 0 then return { word = 'site_unknown', detail = { site = a.site } } end
  local ordinal, s = findStation(a.station)
  if ordinal then
    if s.site ~= site then return { word = 'station_elsewhere', detail = { station = a.station } } end
    if s.state == 1 then return { word = 'station_open', detail = { station = a.station } } end
  elseif tonumber(call('HGET', key.cell, 'stations') or 0) >= 1000 then
    -- The queue packs the station into 11 bits with one for called or waiting.
    return { word = 'too_many_stations', detail = { max = 1000 } }
  end

  if not ordinal then
    ordinal = write(c, 'HINCRBY', key.cell, 'stations', 1)
    s = { ordinal = ordinal, site = site, pace = 0, lastSwabAt = 0, code = a.station, tubes = '' }
    write(c, 'HSET', key.stations, '@' .. a.station, ordinal)
    local list = call('HGET', key.stations, 'site:' .. site) or ''
    write(c, 'HSET', key.stations, 'site:' .. site, list .. pack('>I2', ordinal))
  end
  s.state, s.marks, s.openedAt = 1, 0, c.now
  writeStation(c, ordinal, s)
  write(c, 'ZREM', key.deadlines, 'handOn:' .. ordinal)
  record(c, 'station.opened', { station = ordinal, code = a.station, site = site })
  -- People may have stayed here while nothing else was open.
  if assignment.ahead(ordinal) > 0 then assignment.watch(c, ordinal) end
end
