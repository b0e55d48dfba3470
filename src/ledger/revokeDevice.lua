-- A device may no longer speak: it was lost, stolen, or its duty has ended. What it has not sent is written off in its round by two
-- people (writeOffDevice), or arrives once it has been paired anew.
--   ARGV     device, reason
--   refuses  wrong_cell (run), device_not_paired, device_revoked
--   events   device.revoked

function steps.revokeDevice(c, a)
  local bytes = call('HGET', key.paired, a.device)
  if not bytes then return { word = 'device_not_paired', detail = { device = a.device } } end
  local d = records.paired.unpack(bytes)
  if d.state == 2 then return { word = 'device_revoked', detail = { device = a.device } } end
  -- The hash of the key stays, so that the answer to the device is "revoked" and not "who are you".
  d.state, d.changedAt = 2, c.now
  write(c, 'HSET', key.paired, a.device, records.paired.pack(d))
  record(c, 'device.revoked', { name = a.device, reason = a.reason })
end
