-- Two entries of the roster turn out to be one person: registered at the desk and on the list all the same, or listed twice. From now on
-- the second entry, the twin, stands for the first: whatever is asked or reported for it is the other's. Both histories stay.
--   ARGV     resident, twin, secondBy, note, tubes (the twin's, looked up by the ledger, outside the compared content)
--   refuses  round_closed (run), same_resident, resident_unknown, resident_merged, twin_recalled, second_person_needed, swabs_changed
--   events   swab.reassigned, discrepancy.opened, ticket.gone, residents.merged
-- The twin's swabs become the other's, each in its tube; where the other has one already, two swabs of one person are on the record, and
-- each that is too many opens a discrepancy on its tube. Whoever of the two must have a tube alone makes it so for both, and the graver
-- risk stands. A person is called back under one number, so a twin who is has to be settled first. When the twin has swabs a second person
-- confirms. The twin counts as excused.

-- Said of a tube, not to whoever asks.
local TWICE = 'already_sampled'

function steps.mergeResidents(c, a)
  local n, twin = tonumber(a.resident), tonumber(a.twin)
  if n == twin then return { word = 'same_resident', detail = { resident = a.resident } } end
  local r, t = readResident(n), readResident(twin)
  if not r or not t then return { word = 'resident_unknown', detail = { resident = r and a.twin or a.resident } } end
  for _, one in ipairs({ n, twin }) do
    if standsFor(one) ~= one then return { word = 'resident_merged', detail = { resident = digits(one), into = digits(standsFor(one)) } } end
  end
  if t.recall > 0 then return { word = 'twin_recalled', detail = { resident = a.twin, recall = digits(t.recall) } } end
  if t.swabs > 0 and (a.secondBy == '' or a.secondBy == c.by) then return { word = 'second_person_needed', detail = { resident = a.twin } } end
  local found, count = {}, 0
  for code in string.gmatch(a.tubes, '%S+') do
    local tube, members = readTube(code)
    for at = 0, #(members or '') - 1, 5 do
      local who, marks = parse('>I4B', string.sub(members, at + 1, at + 5))
      if who == twin and marks < MEMBER_VOID then
        local last = found[#found]
        if not last or last.code ~= code then
          last = { code = code, tube = tube, members = members, places = {} }
          found[#found + 1] = last
        end
        last.places[#last.places + 1] = { at = at, marks = marks }
        count = count + 1
      end
    end
  end
  -- The tubes were looked up before this call; a swab that came in between is not left behind.
  if count ~= t.swabs then return { word = 'swabs_changed', detail = { resident = a.twin } } end

  if t.marks % 2 == 1 and r.marks % 2 == 0 then
    local number, own = openTicket(r)
    if number then leaveParty(c, number, own, r); writeTicket(c, number, own) end
    r.marks = r.marks + 1
  end
  r.risk = math.max(r.risk, t.risk)
  if r.priority == 0 then r.priority = t.priority end

  for i = 1, #found do
    local f = found[i]
    for j = 1, #f.places do
      local at, marks = f.places[j].at, f.places[j].marks
      local second = r.swabs > 0
      t.swabs = t.swabs - 1
      if not second then r.station, r.sampledAt = t.station, t.sampledAt end
      r.swabs = math.min(255, r.swabs + 1)
      local id = record(c, 'swab.reassigned', {
        resident = n, twin = twin, tube = f.code, station = r.station, second = second and 1 or 0, left = t.swabs, beforeResident = r.lastEvent, beforeTube = f.tube.lastEvent,
      })
      r.lastEvent, f.tube.lastEvent = id, id
      if second and marks < MEMBER_ACTIVE + MEMBER_SECOND then marks = marks + MEMBER_SECOND end
      f.members = setMember(f.members, at, n, marks)
      -- Whoever was called back and came has two swabs by rights.
      if second and f.tube.answers == 0 then c.contradictions[#c.contradictions + 1] = { word = TWICE, detail = { resident = a.resident, twin = a.twin } } end
    end
    f.tube.held = math.min(255, f.tube.held + openDiscrepancies(c, f.code, n))
    c.contradictions = {}
    writeTube(c, f.code, f.tube, f.members)
  end

  local number, ticket = openTicket(t)
  local passed = 0
  if number and not openTicket(r) and (r.swabs == 0 or r.recalled == 1) then
    -- Somebody stands in the queue with it, and keeps the place.
    if r.marks % 2 == 1 and t.marks % 2 == 0 then leaveParty(c, number, ticket, t) end
    ticket.resident = n
    writeTicket(c, number, ticket)
    passed, r.ticket, t.ticket = number, number, 0
  elseif number then
    endTicket(c, number, ticket, TICKET_GONE, t)
    t.lastEvent = record(c, 'ticket.gone', { ticket = number, resident = twin, station = ticket.station, reason = 'doubled', beforeResident = t.lastEvent })
  end
  -- Who queued beside somebody is found by their ticket.
  if r.ticket == 0 then r.ticket = t.ticket end

  if t.household > 0 then recalls.rehouse(c, t.household, twin, r.household ~= t.household and n or 0) end
  write(c, 'ZREM', key.deadlines, 'excuse:' .. digits(twin))
  write(c, 'HSET', key.index, '#' .. digits(twin), n)
  t.state = 2
  local id = record(c, 'residents.merged', {
    resident = n, twin = twin, ticket = passed, single = r.marks % 2, risk = r.risk, priority = r.priority, secondBy = a.secondBy, note = a.note, beforeResident = r.lastEvent, beforeTwin = t.lastEvent,
  })
  r.lastEvent, t.lastEvent = id, id
  writeResident(c, n, r)
  writeResident(c, twin, t)
end
