-- Recalls: everybody whose swab is in a tube that gives no clean result comes again and has a tube alone.
--
-- Positive, inconclusive and invalid pools call everybody who is or was on the record in that tube, second swabs, crossed-out and moved
-- ones too, since a slip of the scanner must not let anybody go; households and neighbours in the queue are listed beside them. Lost,
-- leaked and rejected tubes call those whose swab was in it: nobody was exposed, the swab is just gone.
--
-- A resident knows the latest recall (`recall`), each entry the one before it (`previous`). A single tube notes which recall it was
-- taken for (`answers`); its result settles that one and all before it, never one that was opened after the swab.

-- Tickets looked at on either side of a pool's own for those who queued beside them. A cell of a hundred stations gives every station
-- about one in a hundred numbers.
local NEIGHBOUR_TICKETS = 300
local NEIGHBOURS = 2
-- Causes up to this place in their list have exposed people; those after it have only lost a swab.
local EXPOSED = recallCauses.invalid

local IN_TUBE, SECOND, CROSSED_OUT, MOVED, HOUSEHOLD, NEIGHBOUR = 1, 2, 4, 8, 16, 32

local function readHead(n)
  local bytes = call('HGET', key.recalls, n)
  return bytes and records.recall.unpack(bytes) or nil
end

local function writeHead(c, n, head)
  write(c, 'HSET', key.recalls, n, records.recall.pack(head))
end

recalls.head, recalls.writeHead = readHead, writeHead

-- Place (0-based byte) and entry of a resident among the people of a recall, or nil.
local function findEntry(people, who)
  local size = records.recalled.size
  for at = 0, #people - 1, size do
    if parse('>I4', string.sub(people, at + 1, at + 4)) == who then
      return at, records.recalled.unpack(string.sub(people, at + 1, at + size))
    end
  end
  return nil
end

local function setEntry(people, at, entry)
  return string.sub(people, 1, at) .. records.recalled.pack(entry) .. string.sub(people, at + records.recalled.size + 1)
end

-- The people of a recall, and one of them: bytes, place, entry.
local function readEntry(n, who)
  local people = call('HGET', key.recalls, 'of:' .. n) or ''
  return people, findEntry(people, who)
end

recalls.readEntry = readEntry

function recalls.writeEntry(c, n, people, at, entry)
  write(c, 'HSET', key.recalls, 'of:' .. n, setEntry(people, at, entry))
end

-- Residents are put to a door.
function recalls.house(c, household, residents)
  local field = digits(household)
  write(c, 'HSET', key.households, field, (call('HGET', key.households, field) or '') .. residents)
end

-- Whoever stands in a door's list stands there under another number now, or (0) no longer.
function recalls.rehouse(c, household, was, is)
  local field = digits(household)
  local residents = call('HGET', key.households, field) or ''
  for at = 1, #residents, 4 do
    if parse('>I4', string.sub(residents, at, at + 3)) == was then
      write(c, 'HSET', key.households, field, string.sub(residents, 1, at - 1) .. (is > 0 and pack('>I4', is) or '') .. string.sub(residents, at + 4))
      return
    end
  end
end

local function listed(packed)
  local list = {}
  for at = 1, #packed, 4 do list[#list + 1] = parse('>I4', string.sub(packed, at, at + 3)) end
  return list
end

-- The numbers of those who queued just before and after these tickets at the same stations.
local function neighboursOf(tickets)
  local first, last
  for i = 1, #tickets do
    first = math.min(first or tickets[i], tickets[i])
    last = math.max(last or tickets[i], tickets[i])
  end
  if not first then return {} end
  first = math.max(1, first - NEIGHBOUR_TICKETS)
  last = math.min(last, first + 4 * NEIGHBOUR_TICKETS) + NEIGHBOUR_TICKETS
  local size = records.ticket.size
  local bytes = call('GETRANGE', key.tickets, (first - 1) * size, last * size - 1)
  -- Each station's tickets in order, and where each stands in that order.
  local order, places = {}, {}
  for n = first, first + #bytes / size - 1 do
    local t = records.ticket.unpack(string.sub(bytes, (n - first) * size + 1, (n - first + 1) * size))
    local list = order[t.station] or {}
    order[t.station] = list
    list[#list + 1] = t.resident
    places[n] = { station = t.station, at = #list }
  end
  local found = {}
  for i = 1, #tickets do
    local p = places[tickets[i]]
    if p and p.station > 0 then
      for at = p.at - NEIGHBOURS, p.at + NEIGHBOURS do found[#found + 1] = order[p.station][at] end
    end
  end
  return found
end

-- Puts one resident under a recall; the caller writes `r`. Gives the entry.
local function callBack(c, n, code, who, r, relation)
  local entry = { resident = who, relation = relation, wasSingle = r.marks % 2, previous = r.recall }
  if r.marks % 2 == 0 then
    local ticket, t = openTicket(r)
    if ticket then leaveParty(c, ticket, t, r); writeTicket(c, ticket, t) end
    r.marks = r.marks + 1
  end
  r.recall, r.recalled = n, 1
  r.lastEvent = record(c, 'resident.recalled', { resident = who, recall = n, tube = code, relation = relation, beforeResident = r.lastEvent })
  return entry
end

-- Opens the recall of a tube and notes it in `tube`, which the caller writes. `own` holds resident records the caller has in hand and
-- writes itself, by number.
function recalls.open(c, code, tube, members, cause, note, own)
  own = own or {}
  local place = recallCauses[cause]
  local exposed = place <= EXPOSED
  local list, seen, unidentified = {}, {}, 0
  for at = 0, #members - 1, 5 do
    local who, marks = parse('>I4B', string.sub(members, at + 1, at + 5))
    if who == 0 then
      if marks < MEMBER_VOID then unidentified = unidentified + 1 end
    elseif marks < MEMBER_VOID or exposed then
      -- What is crossed out keeps its number; somebody who has been merged is called under the one that stands.
      if marks >= MEMBER_VOID then who = standsFor(who) end
      local bit = marks >= MEMBER_MOVED and MOVED or marks >= MEMBER_VOID and CROSSED_OUT or marks > MEMBER_ACTIVE and SECOND or 0
      local person = seen[who]
      if not person then
        person = { who = who, relation = IN_TUBE, bits = {} }
        seen[who] = person
        list[#list + 1] = person
      end
      if bit > 0 and not person.bits[bit] then
        person.bits[bit] = true
        person.relation = person.relation + bit
      end
    end
  end
  -- Nobody is in it: nobody to call, except that a positive tube without people is a riddle somebody must solve.
  if #list == 0 and unidentified == 0 and not exposed then return end

  local n = write(c, 'HINCRBY', key.cell, 'recalls', 1)
  local packed, people, beside = {}, {}, { household = {}, neighbours = {} }
  local tickets, doors = {}, {}
  for i = 1, #list do
    local r = own[list[i].who] or readResident(list[i].who)
    list[i].r = r
    packed[i] = pack('>I4', list[i].who)
    if r and exposed then
      if r.ticket > 0 then tickets[#tickets + 1] = r.ticket end
      if r.household > 0 then doors[#doors + 1] = r.household end
    end
  end
  local function add(who, relation, into)
    if who > 0 then who = standsFor(who) end
    if who == 0 or seen[who] then return end
    seen[who] = true
    into[#into + 1] = pack('>I4', who)
    people[#people + 1] = records.recalled.pack({ resident = who, relation = relation })
  end
  for _, household in ipairs(doors) do
    for _, who in ipairs(listed(call('HGET', key.households, digits(household)) or '')) do add(who, HOUSEHOLD, beside.household) end
  end
  for _, who in ipairs(neighboursOf(tickets)) do add(who, NEIGHBOUR, beside.neighbours) end

  local head = {
    state = 1, cause = place, level = 0, people = #list, found = 0, settled = 0, positives = 0, unidentified = unidentified, openedAt = c.now,
    dueAt = c.now + cell.recallMinutes * 60000, closedAt = 0, outcome = 0, tube = code,
  }
  tube.lastEvent = record(c, 'recall.opened', {
    recall = n, tube = code, cause = cause, dueAt = head.dueAt, residents = table.concat(packed), household = table.concat(beside.household),
    neighbours = table.concat(beside.neighbours), unidentified = unidentified, note = note, beforeTube = tube.lastEvent,
  })
  tube.recall = n
  local called = {}
  for i = 1, #list do
    local person = list[i]
    if person.r then
      called[#called + 1] = records.recalled.pack(callBack(c, n, code, person.who, person.r, person.relation))
      if not own[person.who] then writeResident(c, person.who, person.r) end
    end
  end
  writeHead(c, n, head)
  write(c, 'HSET', key.recalls, 'of:' .. n, table.concat(called) .. table.concat(people))
  write(c, 'ZADD', key.deadlines, digits(head.dueAt), 'recall:' .. n)
  write(c, 'ZADD', key.unfinished, digits(c.now), 'recall:' .. n)
end

-- The tube's people must be called: opens a recall unless one that calls as many is open.
function recalls.ensure(c, code, tube, members, cause, note)
  local n = tube.recall or 0
  local head = n > 0 and readHead(n)
  if head and head.state == 1 and (head.cause <= EXPOSED or recallCauses[cause] > EXPOSED) then
    -- The graver cause stands; the list of causes begins with the gravest.
    if recallCauses[cause] < head.cause then
      head.cause = recallCauses[cause]
      writeHead(c, n, head)
    end
    return
  end
  recalls.open(c, code, tube, members, cause, note)
end

-- Why the people of this tube are to be called, if they are: a late member follows the others.
local function causeOf(tube)
  if (tube.lab or 0) == 3 and tube.result > testResults.negative then
    for word, place in pairs(testResults) do if place == tube.result then return word end end
  end
  if (tube.fate or 0) == 3 then return 'leaked' elseif (tube.fate or 0) == 2 then return 'lost' elseif (tube.lab or 0) == 2 then return 'rejected' end
  return nil
end

-- A swab has come into a tube (late, or by correction) whose people have been called: this one is called too. The caller writes tube
-- and resident record. `r` is nil for the unidentified.
function recalls.follow(c, code, tube, who, r, marks)
  local n = tube.recall or 0
  local head = n > 0 and readHead(n)
  if not head or head.state == 2 then
    local cause = causeOf(tube)
    if cause then recalls.open(c, code, tube, pack('>I4B', who, marks), cause, '', r and { [who] = r } or nil) end
    return
  end
  if not r then
    head.unidentified = math.min(255, head.unidentified + 1)
    writeHead(c, n, head)
    return
  end
  local people, at, entry = readEntry(n, who)
  if entry and entry.relation % 16 > 0 then return end
  local relation = IN_TUBE + (marks > MEMBER_ACTIVE and SECOND or 0)
  local now = callBack(c, n, code, who, r, relation + (entry and entry.relation or 0))
  if entry then
    now.attempts, now.found, now.outcome, now.contactedAt = entry.attempts, entry.found, entry.outcome, entry.contactedAt
    people = setEntry(people, at, now)
  else people = records.recalled.pack(now) .. people end
  head.people = head.people + 1
  head.found = head.found + (now.found or 0)
  writeHead(c, n, head)
  write(c, 'HSET', key.recalls, 'of:' .. n, people)
end

-- The unidentified swab of a called tube has its person, who follows.
function recalls.identify(c, tube)
  if tube.recall == 0 then return end
  local head = readHead(tube.recall)
  if head.unidentified > 0 then
    head.unidentified = head.unidentified - 1
    writeHead(c, tube.recall, head)
  end
end

-- Notes an attempt or a meeting in an entry; gives the head. The caller has checked that the recall is open.
function recalls.contact(c, n, head, people, at, entry, who, r, outcome, note)
  entry.attempts = math.min(255, entry.attempts + 1)
  entry.outcome, entry.contactedAt = contactWords[outcome], happenedAt(c)
  if foundOutcomes[outcome] and entry.found == 0 then
    entry.found = 1
    if entry.relation % 16 > 0 then head.found = head.found + 1 end
  end
  r.lastEvent = record(c, 'contact.recorded', {
    recall = n, resident = who, outcome = outcome, attempts = entry.attempts, found = head.found, people = head.people, note = note, beforeResident = r.lastEvent,
  })
  writeHead(c, n, head)
  recalls.writeEntry(c, n, people, at, entry)
end

-- A recalled person's single swab has been taken: they have come. The caller writes tube and resident record.
function recalls.swabbed(c, code, tube, who, r)
  if r.recalled ~= 1 or tube.size ~= 1 or tube.state == TUBE_VOID then return end
  -- Two people in one single tube are a contradiction, but each has come: the newer recall speaks for both.
  tube.answers, r.recalled = math.max(tube.answers or 0, r.recall), 2
  local n = r.recall
  while n > 0 do
    local head = readHead(n)
    local people, at, entry = readEntry(n, who)
    if head.state == 1 and entry.found == 0 then recalls.contact(c, n, head, people, at, entry, who, r, 'came', '') end
    n = entry.previous
  end
end

-- A swab is taken out of its tube: if it was the single one of a recall, the person has to come again. The caller writes `r`.
function recalls.back(tube, r)
  if r.recalled == 2 and tube.size == 1 and tube.answers >= r.recall then r.recalled = 1 end
end

-- A recall asks nothing of this resident any more; what is still asked stands in `r`, which the caller writes.
local function freed(c, who, r)
  r.lastEvent = record(c, 'resident.freed', { resident = who, recall = r.recall, recalled = r.recalled, single = r.marks % 2, beforeResident = r.lastEvent })
end

-- Ends a recall; the caller has seen to its people.
function recalls.close(c, n, head, outcome, secondBy, note)
  head.state, head.outcome, head.closedAt = 2, recallOutcomes[outcome], c.now
  writeHead(c, n, head)
  write(c, 'ZREM', key.deadlines, 'recall:' .. n)
  write(c, 'ZREM', key.unfinished, 'recall:' .. n)
  record(c, 'recall.closed', {
    recall = n, tube = head.tube, outcome = outcome, people = head.people, found = head.found, settled = head.settled, positives = head.positives,
    secondBy = secondBy, note = note,
  })
end

-- The result of a single tube settles the recalls its person had to answer with it. The caller writes `r`. A recall whose people are all
-- settled ends: confirmed by a positive among them, else not confirmed, and everybody is free.
function recalls.settle(c, code, tube, who, r, result)
  local n, newer, single = r.recall, nil, 0
  while n > 0 do
    local people, at, entry = readEntry(n, who)
    local head = readHead(n)
    if n > tube.answers then newer = n
    else
      single = entry.wasSingle
      if head.state == 1 and entry.result == 0 then
        entry.result = testResults[result]
        head.settled = head.settled + 1
        if result == 'positive' then head.positives = head.positives + 1 end
        r.lastEvent = record(c, 'recall.settled', { recall = n, resident = who, tube = code, result = result, settled = head.settled, people = head.people, beforeResident = r.lastEvent })
        recalls.writeEntry(c, n, people, at, entry)
        if head.settled == head.people and head.unidentified == 0 then
          recalls.close(c, n, head, head.positives > 0 and 'confirmed' or 'not_confirmed', '', '')
        else writeHead(c, n, head) end
      end
    end
    n = entry.previous
  end
  if newer then
    local people, at, entry = readEntry(newer, who)
    entry.previous, entry.wasSingle = 0, single
    recalls.writeEntry(c, newer, people, at, entry)
    return
  end
  r.recall, r.recalled = 0, 0
  -- Free to share a tube again, unless there is another reason not to.
  if result == 'negative' and single == 0 and r.marks % 2 == 1 and not openTicket(r) then r.marks = r.marks - 1 end
  freed(c, who, r)
end

-- Takes a recall that a person has ended off the list of those this resident has to answer.
function recalls.letGo(c, n, who, free)
  local _, _, entry = readEntry(n, who)
  local r = readResident(who)
  if not r or r.recall == 0 then return end
  if r.recall == n then
    r.recall = entry.previous
    if r.recall == 0 then
      r.recalled = 0
      if free and entry.wasSingle == 0 and r.marks % 2 == 1 and not openTicket(r) then r.marks = r.marks - 1 end
    end
    freed(c, who, r)
    writeResident(c, who, r)
    return
  end
  local later = r.recall
  while later > 0 do
    local people, at, other = readEntry(later, who)
    if not other then return end
    if other.previous == n then
      other.previous = entry.previous
      if entry.previous == 0 then other.wasSingle = entry.wasSingle end
      recalls.writeEntry(c, later, people, at, other)
      return
    end
    later = other.previous
  end
end
