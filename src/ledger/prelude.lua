-- What all steps share. One local table each for records, events and steps: Lua 5.1 allows 60 upvalues and 200 locals.
--
-- The commands and the packing functions of Redis exist only while a function runs, so `run` binds them anew each time.
--
-- Contract of a step: `steps.name(c, a)`, c the request's context, a its arguments by name. All checks come first. A check that fails
-- is `against(c, word, detail)`: for an ask it gives the refusal to return; for the report of a fact it notes a contradiction and gives
-- nil, and the step goes on. The first `record` or `write` ends the checking: after it nothing may fail, because Redis does not undo.

local call, pack, parse, json
local key = {}
local cell
-- Set while an archived request is taken again (replay.lua).
local replaying
local NO_ID = '\0\0\0\0\0\0\0\0'

-- Numbers in names and arguments: plain digits, never 1e+15.
local function digits(n) return string.format('%.0f', n) end

local function write(c, ...)
  c.wrote = true
  return call(...)
end

-- Puts an event on the stream; gives its position in 8 bytes for the `before` of the next one.
local function record(c, name, fields)
  c.wrote = true
  local packed = events[name](c, fields)
  local id = call('XADD', key.events, replaying and replaying.place(packed) or '*', 'd', packed)
  local dash = string.find(id, '-', 1, true)
  local bytes = pack('>I6I2', string.sub(id, 1, dash - 1), string.sub(id, dash + 1))
  c.events = c.events + 1
  c.reply[c.events + 1] = packed
  if c.events == 1 then c.first = bytes end
  return bytes
end

local function against(c, word, detail)
  if c.reported == 0 then return { word = word, detail = detail } end
  c.contradictions[#c.contradictions + 1] = { word = word, detail = detail }
  return nil
end

-- The words that do not put the membership of a tube in doubt; all others hold its negatives back.
local harmless = {
  household_differs = true, ticket_number_used = true, round_closed = true, station_not_open = true, second_person_needed = true, size_not_allowed = true,
  -- Where a tube is does not say who is in it.
  box_in_use = true, box_unknown = true, box_sealed = true, box_not_sealed = true, box_empty = true, box_full = true, box_count_differs = true,
  box_arrived = true, tube_not_sealed = true, tube_packed = true, tube_not_packed = true, tube_lost = true, tube_not_lost = true, tube_leaked = true,
  tube_received = true, tube_rejected = true, tube_resulted = true, box_received = true, box_not_received = true, accession_used = true, same_person = true, not_a_party = true, custody_elsewhere = true,
  manifest_differs = true, handover_offered = true, recall_unknown = true, recall_closed = true, not_recalled = true,
}

-- Opens a discrepancy for each contradiction a report has met. Gives how many of them hold the tube.
local function openDiscrepancies(c, tube, resident)
  local holding = 0
  for i = 1, #c.contradictions do
    local word, detail = c.contradictions[i].word, c.contradictions[i].detail or {}
    local n = write(c, 'HINCRBY', key.cell, 'discrepancies', 1)
    local text = json.encode(detail)
    local holds = not harmless[word] and tube ~= ''
    if holds then holding = holding + 1 end
    write(c, 'HSET', key.discrepancies, n, json.encode({
      what = word, tube = tube, resident = digits(resident), device = c.name, epoch = c.epoch, number = digits(c.number), step = c.step,
      openedAt = digits(c.now), state = 'open', holds = holds, detail = detail,
    }))
    write(c, 'ZADD', key.unfinished, c.now, 'discrepancy:' .. n)
    record(c, 'discrepancy.opened', { discrepancy = n, what = word, tube = tube, resident = resident, detail = text })
  end
  return holding
end

-- When it happened: now for an ask; for a report the device's time, corrected by its measured offset and never in the future.
local function happenedAt(c)
  if c.reported == 0 then return c.now end
  local at = c.claimedAt + c.offset * 1000
  if at > c.now then return c.now end
  if at < 0 then return 0 end
  return at
end

-- Residents ---------------------------------------------------------------------------------------------------------------------

local function readResident(n)
  local size = records.resident.size
  local bytes = call('GETRANGE', key.residents, (n - 1) * size, n * size - 1)
  if #bytes < size then return nil end
  local r = records.resident.unpack(bytes)
  if r.state == 0 then return nil end
  return r
end

local function writeResident(c, n, r)
  write(c, 'SETRANGE', key.residents, (n - 1) * records.resident.size, records.resident.pack(r))
end

-- A resident's number from a request: digits, or `#n` for the walk-in this device registered with its record n.
local function residentNumber(c, ref)
  if string.sub(ref, 1, 1) ~= '#' then return tonumber(ref) end
  local n = tonumber(string.sub(ref, 2))
  local size = records.journalEntry.size
  local bytes = call('GETRANGE', c.journal, (n - 1) * size, n * size - 1)
  if #bytes < size then return 0 end
  local entry = records.journalEntry.unpack(bytes)
  if entry.status ~= 1 or entry.events == 0 then return 0 end
  local ms, seq = parse('>I6I2', entry.answer)
  -- A village named for the first time comes before the registration.
  local found = call('XRANGE', key.events, digits(ms) .. '-' .. seq, '+', 'COUNT', entry.events)
  for i = 1, #found do
    local resident = registeredResident(found[i][2][2])
    if resident then return resident end
  end
  return 0
end

-- The resident an entry stands for: itself, unless it was merged into another.
local function standsFor(n)
  local into = call('HGET', key.index, '#' .. digits(n))
  while into do
    n = tonumber(into)
    into = call('HGET', key.index, '#' .. digits(n))
  end
  return n
end

-- A resident from a request: number and record; nil for the record where there is none. An entry that was merged counts as excused, so
-- only of those is it asked whom they stand for.
local function findResident(c, ref)
  local n = residentNumber(c, ref)
  local r = n > 0 and readResident(n) or nil
  if r and r.state == 2 then
    local into = standsFor(n)
    if into ~= n then return into, readResident(into) end
  end
  return n, r
end

-- Where and when somebody was sampled, for the refusal.
local function sampledDetail(r)
  local detail = { at = digits(r.sampledAt) }
  local bytes = call('HGET', key.stations, r.station)
  if bytes then detail.station = records.station.unpack(bytes).code end
  return detail
end

-- Stations ----------------------------------------------------------------------------------------------------------------------

-- Station by its code: ordinal and record, or nil.
local function findStation(code)
  local ordinal = call('HGET', key.stations, '@' .. code)
  if not ordinal then return nil end
  return tonumber(ordinal), records.station.unpack(call('HGET', key.stations, ordinal))
end

local function readStation(ordinal)
  local bytes = call('HGET', key.stations, ordinal)
  if not bytes then return nil end
  return records.station.unpack(bytes)
end

local function writeStation(c, ordinal, s)
  write(c, 'HSET', key.stations, ordinal, records.station.pack(s))
end

-- The ordinal of a village by its name; a name never heard before gets one. Only for the writing half of a step.
local function villageOrdinal(c, name)
  local known = call('HGET', key.names, 'village:' .. name)
  if known then return tonumber(known) end
  local ordinal = write(c, 'HINCRBY', key.cell, 'villages', 1)
  write(c, 'HSET', key.names, 'village:' .. name, ordinal)
  record(c, 'village.named', { ordinal = ordinal, name = name, zone = '', ownSite = 0, sites = '' })
  return ordinal
end

-- Tubes -------------------------------------------------------------------------------------------------------------------------

local MEMBER_ACTIVE, MEMBER_SECOND, MEMBER_VOID, MEMBER_MOVED = 1, 2, 4, 8
local TUBE_OPEN, TUBE_SEALED, TUBE_VOID = 1, 2, 3

-- A tube's head and the packed members behind it, or nil.
local function readTube(code)
  local bytes = call('HGET', key.tubes, code)
  if not bytes then return nil end
  return records.tube.unpack(bytes), string.sub(bytes, records.tube.size + 1)
end

local function writeTube(c, code, tube, members)
  write(c, 'HSET', key.tubes, code, records.tube.pack(tube) .. members)
end

-- Holds back a tube's negatives for discrepancies that change nothing else in it.
local function hold(c, code, tube, members, holding)
  if holding == 0 then return end
  tube.held = math.min(255, tube.held + holding)
  writeTube(c, code, tube, members)
end

-- Place (0-based byte) and marks of a resident's active membership, or nil.
local function findMember(members, resident)
  for at = 0, #members - 1, 5 do
    local who, marks = parse('>I4B', string.sub(members, at + 1, at + 5))
    if who == resident and marks < MEMBER_VOID then return at, marks end
  end
  return nil
end

local function setMember(members, at, resident, marks)
  return string.sub(members, 1, at) .. pack('>I4B', resident, marks) .. string.sub(members, at + 6)
end

-- The first to go in (or the first again, after all were taken out) decides whom the tube is for; `r` is nil for the unidentified.
local function beginTube(tube, r)
  tube.household = r and r.household or 0
  if r and tube.size > 1 then tube.risk = r.risk end
end

local function poolSize(risk)
  if risk == 0 then return cell.poolNormal elseif risk == 1 then return cell.poolKey end
  return cell.poolHigh
end

-- Milliseconds one person takes here, from a tube that is being sealed. Two tubes close upon each other measure from the last swab of
-- the one before, so that changing tubes counts; after a pause only the time inside the tube does.
local function measurePace(s, tube)
  if tube.count == 0 or tube.lastSwabAt == 0 then return end
  local each
  if s.lastSwabAt > 0 and tube.firstSwabAt >= s.lastSwabAt and tube.firstSwabAt - s.lastSwabAt < 300000 then
    each = (tube.lastSwabAt - s.lastSwabAt) / tube.count
  elseif tube.count > 1 then
    each = (tube.lastSwabAt - tube.firstSwabAt) / (tube.count - 1)
  end
  s.lastSwabAt = math.max(s.lastSwabAt, tube.lastSwabAt)
  if not each or each <= 0 then return end
  each = math.max(5000, math.min(600000, each))
  s.pace = math.floor(s.pace == 0 and each or s.pace * 0.7 + each * 0.3)
end

-- Takes a tube off its station's list of open ones.
local function leaveStation(s, code)
  -- With the blank before it, as one code may end like another.
  s.tubes = string.sub(string.gsub(' ' .. s.tubes, ' ' .. code .. ' ', ' ', 1), 2)
end

-- Seals a tube and writes it. `s` is the record of its station, or nil where the tube has none; the caller writes it.
local function seal(c, code, tube, members, reason, counted, s)
  tube.state = TUBE_SEALED
  tube.reason = sealReasons[reason]
  tube.counted = counted or 255
  tube.sealedAt = happenedAt(c)
  tube.sealedBy = c.device
  tube.sealedNumber = c.number
  if s then measurePace(s, tube); leaveStation(s, code); s.marks = 0 end
  if (tube.box or 0) == 0 then write(c, 'ZADD', key.deadlines, digits(tube.sealedAt + cell.packMinutes * 60000), 'unpacked:' .. code) end
  tube.lastEvent = record(c, 'tube.sealed', { tube = code, station = tube.station, count = tube.count, counted = tube.counted, reason = reason, beforeTube = tube.lastEvent })
  if (tube.result or 0) > 0 then custody.tryRelease(c, code, tube) end
  writeTube(c, code, tube, members)
  write(c, 'ZREM', key.deadlines, 'warn:' .. code, 'seal:' .. code)
end

-- Takes a tube off the record; everybody whose only swab was in it is to be sampled again.
local function voidWhole(c, code, tube, members, reason, secondBy, note, s)
  local all, unsampled = {}, {}
  local before = tube.lastEvent
  local from = tube.state
  for at = 0, #members - 1, 5 do
    local who, marks = parse('>I4B', string.sub(members, at + 1, at + 5))
    if marks < MEMBER_VOID then
      members = setMember(members, at, who, MEMBER_VOID)
      all[#all + 1] = pack('>I4', who)
      local r = who > 0 and readResident(who)
      if r and r.swabs > 0 then
        r.swabs = r.swabs - 1
        if r.swabs == 0 then unsampled[#unsampled + 1] = pack('>I4', who) end
        recalls.back(tube, r)
        writeResident(c, who, r)
      end
    end
  end
  tube.state = TUBE_VOID
  tube.count = 0
  if s then leaveStation(s, code) end
  tube.lastEvent = record(c, 'tube.voided', {
    tube = code, station = tube.station, state = from, reason = reason, secondBy = secondBy, note = note,
    residents = table.concat(all), unsampled = table.concat(unsampled), beforeTube = before,
  })
  writeTube(c, code, tube, members)
  write(c, 'ZREM', key.deadlines, 'warn:' .. code, 'seal:' .. code, 'unpacked:' .. code, 'lost:' .. code, 'result:' .. code, 'release:' .. code)
  write(c, 'ZREM', key.unfinished, 'tube:' .. code)
end

-- Does the code belong to this kind of round? Own labels are twelve digits, a tube's beginning with 1 and a box's with 3; serials from
-- 900,000,000, whose second digit is a 9, are those of rehearsals (domain/codes.ts), and so is the type 8. Foreign codes carry no mark.
local function fenced(code)
  if #code ~= 12 or string.find(code, '%D') then return true end
  local first, second = string.sub(code, 1, 1), string.sub(code, 2, 2)
  if first == '1' or first == '3' then return (second == '9') == (cell.rehearsal == 1) end
  if first == '8' then return cell.rehearsal == 1 end
  return true
end

-- A void tube that a swab is reported into, or a swab left in it, keeps the round open until a person has dealt with it.
local function watchVoid(c, code, tube)
  if tube.state ~= TUBE_VOID then return end
  if tube.count > 0 then write(c, 'ZADD', key.unfinished, digits(c.now), 'tube:' .. code)
  else write(c, 'ZREM', key.unfinished, 'tube:' .. code) end
end

-- Is the owner of a tube in contact, with nothing left to send? Only then does the record know what is in the vial, and only then may
-- anything but a person's hand close it.
local function confirmed(c, owner)
  local field = call('HGET', key.devices, '#' .. owner)
  if not field then return false end
  local d = records.device.unpack(call('HGET', key.devices, field))
  local heard = owner == c.device or c.now - d.seenAt <= cell.silentMinutes * 60000
  return heard and not call('ZSCORE', key.unfinished, 'device:' .. field)
end

-- Tickets and the queue ---------------------------------------------------------------------------------------------------------

local TICKET_WAITING, TICKET_CALLED, TICKET_SERVED, TICKET_GONE, TICKET_SKIPPED = 1, 2, 3, 4, 5
-- A place in the queue is one number: station, called or waiting, and the time of arrival in ms. 11 and 42 bits stay below 2^53.
local BAND = 4398046511104

local function readTicket(n)
  local size = records.ticket.size
  return records.ticket.unpack(call('GETRANGE', key.tickets, (n - 1) * size, n * size - 1))
end

local function writeTicket(c, n, t)
  write(c, 'SETRANGE', key.tickets, (n - 1) * records.ticket.size, records.ticket.pack(t))
end

-- The resident's ticket if it is still open (waiting, called, or skipped and kept): number and record.
local function openTicket(r)
  if r.ticket == 0 then return nil end
  local t = readTicket(r.ticket)
  if t.state == TICKET_SERVED or t.state == TICKET_GONE then return nil end
  return r.ticket, t
end

-- Those who came in the same millisecond (a party, a desk's bundle of reports) stand in the order of their numbers.
local function queueMember(n) return string.format('%010.0f', n) end

local function enqueue(c, n, t)
  local band = t.station * 2 + (t.state == TICKET_CALLED and 1 or 0)
  write(c, 'ZADD', key.queue, digits(band * BAND + t.place), queueMember(n))
end

-- One of the party is served or gone: fewer have to fit into a tube. `r` is its resident; those who have a tube alone never counted.
local function leaveParty(c, n, t, r)
  if r.marks % 2 == 1 then return end
  if t.party == n then
    if t.partyLeft > 0 then t.partyLeft = t.partyLeft - 1 end
    return
  end
  local first = readTicket(t.party)
  if first.partyLeft > 0 then
    first.partyLeft = first.partyLeft - 1
    writeTicket(c, t.party, first)
  end
end

-- Ends the ticket of resident record `r`; gives the state it had. Served wins over called, called over waiting.
local function endTicket(c, n, t, state, r)
  local was = t.state
  write(c, 'ZREM', key.queue, queueMember(n))
  if was == TICKET_SKIPPED then write(c, 'ZREM', key.deadlines, 'kept:' .. n) end
  leaveParty(c, n, t, r)
  t.state = state
  writeTicket(c, n, t)
  return was
end
