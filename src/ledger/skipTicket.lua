-- Called, and nobody came. The ticket goes back to its place in the queue behind the next two; after the last time it is skipped and
-- kept for a while, and a desk can put it back by moving it.
--   ARGV     resident
--   refuses  round_closed (run), resident_unknown, ticket_unknown, ticket_not_called
--   events   ticket.skipped

function steps.skipTicket(c, a)
  local who, r = findResident(c, a.resident)
  if not r then return { word = 'resident_unknown', detail = { resident = a.resident } } end
  local n, t = openTicket(r)
  if not n then return { word = 'ticket_unknown', detail = { resident = a.resident } } end
  if t.state ~= TICKET_CALLED then return { word = 'ticket_not_called', detail = { resident = a.resident } } end

  t.absences = t.absences + 1
  if t.absences >= cell.absencesMax then
    t.state = TICKET_SKIPPED
    write(c, 'ZREM', key.queue, queueMember(n))
    write(c, 'ZADD', key.deadlines, digits(c.now + cell.keepSkippedMinutes * 60000), 'kept:' .. n)
  else
    t.state = TICKET_WAITING
    -- Behind the next two, so that somebody tying a shoe is called again soon and nobody is called three times in a row.
    local band = t.station * 2
    local ahead = call('ZRANGEBYSCORE', key.queue, digits(band * BAND), '(' .. digits((band + 1) * BAND), 'WITHSCORES', 'LIMIT', 0, 2)
    if #ahead > 0 then t.place = math.max(t.place, tonumber(ahead[#ahead]) - band * BAND + 1) end
    enqueue(c, n, t)
  end
  r.lastEvent = record(c, 'ticket.skipped', { ticket = n, resident = who, station = t.station, absences = t.absences, state = t.state, beforeResident = r.lastEvent })
  writeResident(c, who, r)
  writeTicket(c, n, t)
end
