-- From a time on a device stands elsewhere. Its records claimed before then belong to where it stood, however late they arrive.
--   ARGV     device, role, round, area, site, station, from
--   refuses  wrong_cell (run), device_not_paired, device_revoked, move_backwards
--   events   device.moved

local PLACES_MAX = 20

function steps.moveDevice(c, a)
  local bytes = call('HGET', key.paired, a.device)
  if not bytes then return { word = 'device_not_paired', detail = { device = a.device } } end
  local d = records.paired.unpack(bytes)
  if d.state == 2 then return { word = 'device_revoked', detail = { device = a.device } } end
  local from = tonumber(a.from)
  if from < d.placedAt then return { word = 'move_backwards', detail = { since = digits(d.placedAt) } } end

  local lines, count = d.places .. '\n' .. json.encode({ from = digits(from), role = a.role, round = a.round, area = a.area, site = a.site, station = a.station }), 1
  for _ in string.gmatch(lines, '\n') do count = count + 1 end
  -- The oldest place is dropped: by then nothing recorded there can still be on its way.
  if count > PLACES_MAX then lines = string.gsub(lines, '^[^\n]*\n', '', 1) end
  d.places, d.placedAt, d.changedAt = lines, from, c.now
  write(c, 'HSET', key.paired, a.device, records.paired.pack(d))
  record(c, 'device.moved', { name = a.device, role = a.role, round = a.round, area = a.area, site = a.site, station = a.station, from = from })
end
