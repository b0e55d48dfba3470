-- A resident need not come: for a reason, until a time or for good. A swab taken all the same counts as any other.
--   ARGV     resident, reason, until, note
--   refuses  round_closed (run), resident_unknown, already_sampled
--   events   resident.excused

function steps.excuseResident(c, a)
  local n, r = findResident(c, a.resident)
  if not r then return { word = 'resident_unknown', detail = { resident = a.resident } } end
  if r.swabs > 0 then return { word = 'already_sampled', detail = sampledDetail(r) } end
  local until_ = tonumber(a['until'] ~= '' and a['until'] or 0)
  r.state = 2
  if a.reason == 'deceased' and r.marks < 2 then r.marks = r.marks + 2 end
  r.lastEvent = record(c, 'resident.excused', { resident = n, reason = a.reason, ['until'] = until_, note = a.note, beforeResident = r.lastEvent })
  writeResident(c, n, r)
  if until_ > 0 then write(c, 'ZADD', key.deadlines, digits(until_), 'excuse:' .. n)
  else write(c, 'ZREM', key.deadlines, 'excuse:' .. n) end
end
