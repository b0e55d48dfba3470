-- Two people stop waiting for the records of a device: it is broken, burnt or gone. Its missing numbers are declared lost; should they
-- arrive after all, they are applied.
--   ARGV     device, epoch, reason, secondBy
--   refuses  round_closed (run), device_present, device_unknown, second_person_needed, nothing_missing
--   events   device.writtenOff
-- The journal of that device is not the caller's, so `run` is given it as a further key; see run.lua.

function steps.writeOffDevice(c, a)
  local field = a.device .. ':' .. a.epoch
  if a.device == c.name then return { word = 'device_present', detail = { device = a.device } } end
  local bytes = call('HGET', key.devices, field)
  if not bytes then return { word = 'device_unknown', detail = { device = a.device, epoch = a.epoch } } end
  if a.secondBy == '' or a.secondBy == c.by or c.by == '' then return { word = 'second_person_needed', detail = {} } end
  local d = records.device.unpack(bytes)
  local size = records.journalEntry.size
  local journal = c.otherJournal
  local length = call('STRLEN', journal) / size
  local highest = math.max(length, d.assigned)
  local missing = d.holes + (highest - length)
  if missing == 0 then return { word = 'nothing_missing', detail = { device = a.device } } end

  local mark = d.holes == 0 and length or d.mark
  local entry = records.journalEntry.pack({ status = 4 })
  -- At most as many as may be ahead of the mark (run.lua), in one read and one write.
  local rest = call('GETRANGE', journal, mark * size, -1)
  local entries = {}
  for at = 1, (highest - mark) * size, size do
    local there = string.sub(rest, at, at + size - 1)
    entries[#entries + 1] = (there == '' or string.byte(there) == 0) and entry or there
  end
  write(c, 'SETRANGE', journal, mark * size, table.concat(entries))
  d.lost, d.holes, d.mark = d.lost + missing, 0, 0
  write(c, 'HSET', key.devices, field, records.device.pack(d))
  write(c, 'ZREM', key.unfinished, 'device:' .. field)
  record(c, 'device.writtenOff', { ordinal = d.ordinal, lost = missing, secondBy = a.secondBy, reason = a.reason })
end
