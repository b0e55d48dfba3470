-- What has become due by the cell's clock is applied, a bounded number at a time. Taking it twice changes nothing: what is done is no
-- longer due.
--   ARGV     limit
--   refuses  round_closed (run)
--   events   tube.warned, tube.overdue, tube.sealed, tube.voided, ticket.moved, ticket.gone, station.stalled,
--            resident.expected, tube.late, box.late, tube.lost, recall.opened, resident.recalled, recall.late,
--            result.released, result.parked, result.held, recall.settled, recall.closed, resident.freed

local MINUTE = 60000

function due.warn(c, code)
  local tube, members = readTube(code)
  if not tube or tube.state ~= TUBE_OPEN then return end
  tube.marks = tube.marks % 2 == 0 and tube.marks + 1 or tube.marks
  tube.lastEvent = record(c, 'tube.warned', { tube = code, station = tube.station, beforeTube = tube.lastEvent })
  writeTube(c, code, tube, members)
  write(c, 'ZADD', key.deadlines, digits(tube.firstSwabAt + cell.tubeSealMinutes * MINUTE), 'seal:' .. code)
end

due['seal'] = function(c, code)
  local tube, members = readTube(code)
  if not tube or tube.state ~= TUBE_OPEN then return end
  if tube.marks < 4 and confirmed(c, tube.owner) then
    local s = readStation(tube.station)
    -- Empty: its station has closed, or everybody in it was taken out again.
    if tube.count == 0 then voidWhole(c, code, tube, members, 'unused', '', '', s)
    else seal(c, code, tube, members, s and s.state == 4 and 'station_closed' or 'timer', nil, s) end
    if s then writeStation(c, tube.station, s) end
    return
  end
  if tube.marks % 4 < 2 then
    tube.marks = tube.marks + 2
    tube.lastEvent = record(c, 'tube.overdue', { tube = code, station = tube.station, beforeTube = tube.lastEvent })
    writeTube(c, code, tube, members)
  end
  write(c, 'ZADD', key.deadlines, digits(c.now + MINUTE), 'seal:' .. code)
end

function due.kept(c, subject)
  local n = tonumber(subject)
  local t = readTicket(n)
  if t.state ~= TICKET_SKIPPED then return end
  local r = readResident(t.resident)
  endTicket(c, n, t, TICKET_GONE, r)
  r.lastEvent = record(c, 'ticket.gone', { ticket = n, resident = t.resident, station = t.station, reason = 'kept_too_long', beforeResident = r.lastEvent })
  writeResident(c, t.resident, r)
end

function due.handOn(c, subject)
  local ordinal = tonumber(subject)
  -- Number 0 stands for no station: tickets a desk gave out where none was open.
  local s = ordinal == 0 and { site = 0, state = 4 } or readStation(ordinal)
  if not s or s.state == 1 or s.state == 3 then return end
  assignment.handOn(c, ordinal, s, s.state == 2 and 'station_paused' or 'station_closed', 50)
end

function due.stall(c, subject)
  local ordinal = tonumber(subject)
  local s = readStation(ordinal)
  if not s or s.state ~= 1 and s.state ~= 3 then return end
  local waiting = assignment.ahead(ordinal)
  if waiting == 0 then return end
  local last = math.max(s.lastSwabAt, s.openedAt)
  for code in string.gmatch(s.tubes, '%S+') do last = math.max(last, (readTube(code)).lastSwabAt) end
  -- The first in the queue may have come only after the last swab.
  local band = ordinal * 2
  local first = call('ZRANGEBYSCORE', key.queue, digits(band * BAND), '(' .. digits((band + 2) * BAND), 'LIMIT', 0, 1)
  local t = readTicket(tonumber(first[1]))
  last = math.max(last, t.place + (t.priority > 0 and cell.priorityLeadMinutes * MINUTE or 0))
  local patience = cell.stallMinutes * MINUTE
  if c.now - last < patience then
    write(c, 'ZADD', key.deadlines, digits(last + patience), 'stall:' .. ordinal)
    return
  end
  if s.marks % 2 == 0 then
    s.marks = s.marks + 1
    writeStation(c, ordinal, s)
    record(c, 'station.stalled', { station = ordinal })
  end
  assignment.handOn(c, ordinal, s, 'station_stalled', 50)
  write(c, 'ZREM', key.deadlines, 'handOn:' .. ordinal)
  write(c, 'ZADD', key.deadlines, digits(c.now + patience), 'stall:' .. ordinal)
end

-- A temporary excuse ends: the resident is expected again.
function due.excuse(c, subject)
  local n = tonumber(subject)
  local r = readResident(n)
  if not r or r.state ~= 2 or r.marks >= 2 then return end
  r.state = 1
  r.lastEvent = record(c, 'resident.expected', { resident = n, beforeResident = r.lastEvent })
  writeResident(c, n, r)
end

function steps.runDue(c, a)
  local list = call('ZRANGEBYSCORE', key.deadlines, '-inf', digits(c.now), 'LIMIT', 0, tonumber(a.limit))
  for i = 1, #list do
    -- One call stays short: what is left stays due.
    if c.events > 150 then break end
    local kind, subject = string.match(list[i], '^(%a+):(.*)$')
    write(c, 'ZREM', key.deadlines, list[i])
    due[kind](c, subject)
  end
  c.due = call('ZCOUNT', key.deadlines, '-inf', digits(c.now))
end
