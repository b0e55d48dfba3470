-- A person decides about a record nobody could read: its content was entered by hand through the proper step, or it is rejected.
--   ARGV     device, epoch, number, decision, note
--   refuses  record_unknown, record_settled
--   events   record.settled
-- The ciphertext stays until the round's key is destroyed, so that a wrong decision can be looked at again.

function steps.settleQuarantined(c, a)
  local field = a.device .. ':' .. a.epoch .. ':' .. a.number
  local there = call('HGET', key.quarantine, field)
  if not there then return { word = 'record_unknown', detail = { record = field } } end
  if call('HEXISTS', key.quarantine, field .. ':settled') == 1 then return { word = 'record_settled', detail = { record = field } } end
  local bytes = call('HGET', key.devices, a.device .. ':' .. a.epoch)
  write(c, 'HSET', key.quarantine, field .. ':settled', a.decision)
  write(c, 'ZREM', key.unfinished, 'record:' .. field)
  record(c, 'record.settled', { ordinal = bytes and records.device.unpack(bytes).ordinal or 0, quarantined = tonumber(a.number), decision = a.decision, note = a.note })
end
