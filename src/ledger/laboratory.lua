-- The laboratory's own records: deliveries (a box on one of its trips), intakes (a tube), results.
--
-- A laboratory serves many areas and knows of a tube what their manifests say and what lies on its bench. A tube on the bench that no
-- manifest has named is taken in all the same; what it says waits until an area has told of it. A result leaves when nothing speaks
-- against it, or when two people have looked.

lab.EXPECTED, lab.RECEIVED, lab.RECONCILED, lab.ELSEWHERE = 1, 2, 3, 4
lab.HERE, lab.REJECTED, lab.RELEASED = 1, 2, 3
local RELEASED, HELD, PARKED, ASIDE = 1, 2, 3, 4
lab.HELD = HELD

-- Instruments and people set their clocks by hand.
local AHEAD_MAX = 300000

-- The area this cell is.
function lab.own()
  return string.match(key.cell, '^{[^:]*:(.*)}:')
end

-- Deliveries --------------------------------------------------------------------------------------------------------------------

-- The latest delivery of a box: number and record, or nil.
function lab.find(code)
  local n = call('HGET', key.boxes, '@' .. code)
  if not n then return nil end
  return tonumber(n), records.delivery.unpack(call('HGET', key.boxes, n))
end

function lab.delivery(n)
  local bytes = call('HGET', key.boxes, n)
  return bytes and records.delivery.unpack(bytes) or nil
end

function lab.writeDelivery(c, n, d)
  write(c, 'HSET', key.boxes, n, records.delivery.pack(d))
end

-- A further delivery of a box, in the state given; the caller writes it.
function lab.begin(c, code, state)
  local previous = tonumber(call('HGET', key.boxes, '@' .. code) or 0)
  local n = write(c, 'HINCRBY', key.cell, 'trips', 1)
  write(c, 'HSET', key.boxes, '@' .. code, n)
  return n, {
    state = state, marks = 0, condition = 0, trip = 0, previous = previous, expectedAt = 0, receivedAt = 0, reconciledAt = 0, code = code, home = '', tubes = '', seen = '',
  }
end

-- The delivery of a box that is on the bench: the latest one received and not yet compared, or nil.
function lab.onBench(code)
  local n, d = lab.find(code)
  while n and d.state ~= lab.RECEIVED do
    n = d.previous
    d = n > 0 and lab.delivery(n)
    if not d then return nil end
  end
  return n, d
end

-- Compares a delivery with its manifest and records it; the caller writes it.
function lab.compare(c, n, d, note)
  local missing, extra, expected, listed = {}, {}, 0, {}
  for code in string.gmatch(d.tubes, '%S+') do
    expected, listed[code] = expected + 1, true
    local intake = lab.intake(code)
    if not intake or intake.state == 0 then missing[#missing + 1] = code end
  end
  for code in string.gmatch(d.seen, '%S+') do if not listed[code] then extra[#extra + 1] = code end end
  d.lastEvent = record(c, 'box.reconciled', {
    box = d.code, trip = d.trip, home = d.home, laboratory = lab.own(), expected = expected, received = expected - #missing,
    missing = table.concat(missing, ' '), extra = table.concat(extra, ' '), note = note, beforeBox = d.lastEvent,
  })
end

-- Intakes -----------------------------------------------------------------------------------------------------------------------

function lab.intake(code)
  local bytes = call('HGET', key.intakes, code)
  return bytes and records.intake.unpack(bytes) or nil
end

function lab.newIntake()
  return {
    state = 0, marks = 0, reason = 0, result = 0, held = 0, swabs = 0, expected = 0, delivery = 0, sampledAt = 0, receivedAt = 0, resultAt = 0,
    home = '', accession = '', results = '',
  }
end

function lab.writeIntake(c, code, intake)
  write(c, 'HSET', key.intakes, code, records.intake.pack(intake))
end

-- A tube that lies in this delivery; the caller writes both. Gives the marks of its intake.
function lab.takeIn(n, d, code, intake)
  local marks = intake.home == '' and 1 or 0
  if d then
    intake.delivery = n
    if not string.find(' ' .. d.seen, ' ' .. code .. ' ', 1, true) then d.seen = d.seen .. code .. ' ' end
    if intake.expected ~= n then marks = marks + 2 end
  end
  return marks
end

-- Results -----------------------------------------------------------------------------------------------------------------------

local function field(tube, name) return tube .. '/' .. name end

function lab.result(tube, name)
  local bytes = call('HGET', key.results, field(tube, name))
  return bytes and records.result.unpack(bytes) or nil
end

local function writeResult(c, tube, name, r)
  write(c, 'HSET', key.results, field(tube, name), records.result.pack(r))
  if r.state == HELD or r.state == PARKED then write(c, 'ZADD', key.unfinished, 'NX', digits(c.now), 'result:' .. field(tube, name))
  else write(c, 'ZREM', key.unfinished, 'result:' .. field(tube, name)) end
end

-- What recordResult and parkResult both refuse first: a time that has not come, and a run that has spoken of this tube.
function lab.refuses(c, a)
  if tonumber(a.testedAt) > c.now + AHEAD_MAX then return { word = 'time_in_future', detail = { testedAt = a.testedAt, now = digits(c.now) } } end
  local r = lab.result(a.tube, a.accession .. '/' .. a.run)
  if not r then return nil end
  local detail = { tube = a.tube, recorded = resultWords[r.result], at = digits(r.recordedAt) }
  if r.result == testResults[a.result] then return { word = 'result_recorded', detail = detail } end
  return { word = 'result_differs', detail = detail }
end

-- Does the number belong to another tube?
function lab.accessionTaken(tube, accession)
  local owner = accession ~= '' and call('HGET', key.results, '@' .. accession)
  return owner and owner ~= tube and owner or nil
end

function lab.giveAccession(c, tube, intake, accession)
  if accession == '' then return end
  intake.accession = accession
  write(c, 'HSET', key.results, '@' .. accession, tube)
end

-- Puts a result on the record of a tube, not judged yet.
function lab.addResult(c, a, intake)
  intake.results = intake.results .. a.accession .. '/' .. a.run .. ' '
  return a.accession .. '/' .. a.run, {
    state = 0, result = testResults[a.result], why = 0, testedAt = tonumber(a.testedAt), recordedAt = c.now, by = c.by, secondBy = a.secondBy,
    plate = a.plate, well = a.well, lot = a.lot,
  }
end

local function told(tube, intake, name, r, why, note)
  local accession, run = string.match(name, '^(.*)/(.*)$')
  return {
    tube = tube, result = resultWords[r.result], accession = accession, run = run, testedAt = r.testedAt, home = intake.home, laboratory = lab.own(), why = why,
    secondBy = r.secondBy, swabs = intake.swabs, plate = r.plate, well = r.well, lot = r.lot, note = note, beforeTube = intake.lastEvent,
  }
end

function lab.park(c, tube, intake, name, r, why)
  r.state, r.why = PARKED, resultWaits[why]
  intake.lastEvent = record(c, 'result.parked', told(tube, intake, name, r, why, ''))
  writeResult(c, tube, name, r)
end

-- A result leaves. Held ones of the same tube are answered by it and set aside.
function lab.release(c, tube, intake, name, r, note)
  for other in string.gmatch(intake.results, '%S+') do
    if other ~= name then
      local o = lab.result(tube, other)
      if o and (o.state == HELD or o.state == RELEASED and o.result ~= r.result) then
        o.state = ASIDE
        writeResult(c, tube, other, o)
      end
    end
  end
  r.state, r.why = RELEASED, 0
  intake.state, intake.result, intake.resultAt = lab.RELEASED, r.result, c.now
  intake.lastEvent = record(c, 'result.released', told(tube, intake, name, r, '', note))
  writeResult(c, tube, name, r)
  write(c, 'ZREM', key.unfinished, 'tube:' .. tube)
  write(c, 'ZREM', key.deadlines, 'untested:' .. tube)
end

-- Why a result must wait for two people, or nil.
local function doubt(tube, intake, name, r)
  if intake.held > 0 then return 'contested' end
  local accession = string.match(name, '^(.*)/')
  if intake.accession ~= '' and intake.accession ~= accession then return 'accession_differs' end
  for other in string.gmatch(intake.results, '%S+') do
    local o = other ~= name and lab.result(tube, other)
    if o and (o.state == RELEASED or o.state == HELD) and o.result ~= r.result then return 'conflict' end
  end
  if intake.sampledAt > 0 and r.testedAt < intake.sampledAt then return 'before_sampling' end
  local two = r.secondBy ~= '' and r.by ~= '' and r.secondBy ~= r.by
  if r.result ~= testResults.negative and not two then return 'second_person' end
  return nil
end

-- What becomes of a result: parked, held or released. The caller writes the intake.
function lab.judge(c, tube, intake, name, r)
  if intake.state == 0 then return lab.park(c, tube, intake, name, r, 'not_received') end
  if intake.home == '' then return lab.park(c, tube, intake, name, r, 'unregistered') end
  local why = doubt(tube, intake, name, r)
  if not why then return lab.release(c, tube, intake, name, r, '') end
  r.state, r.why = HELD, resultWaits[why]
  intake.lastEvent = record(c, 'result.held', told(tube, intake, name, r, why, ''))
  writeResult(c, tube, name, r)
  -- One that has left and is contradicted now stays where it is; the two people who look will see both.
end

-- The tube has come, or an area has told of it, or a contradiction is settled: its waiting results are looked at again.
function lab.judgeWaiting(c, tube, intake)
  for name in string.gmatch(intake.results, '%S+') do
    local r = lab.result(tube, name)
    local contested = r.state == HELD and r.why == resultWaits.contested
    if contested and intake.held == 0 or r.state == PARKED and not (intake.home == '' and r.why == resultWaits.unregistered) and intake.state ~= lab.REJECTED then
      lab.judge(c, tube, intake, name, r)
    end
  end
end

-- A rejected tube has no result: what was parked for it is set aside.
function lab.dropWaiting(c, tube, intake)
  for name in string.gmatch(intake.results, '%S+') do
    local r = lab.result(tube, name)
    if r.state == PARKED or r.state == HELD then
      r.state = ASIDE
      writeResult(c, tube, name, r)
    end
  end
end

-- An area has told of a tube that was taken in unknown; the caller writes the intake.
function lab.register(c, tube, intake)
  local at, reason = intake.delivery > 0 and lab.delivery(intake.delivery), ''
  for word, place in pairs(rejectionCodes) do if place == intake.reason then reason = word end end
  intake.lastEvent = record(c, 'tube.registered', {
    tube = tube, box = at and at.code or '', home = intake.home, laboratory = lab.own(), state = intake.state == lab.REJECTED and 2 or 1, reason = reason,
    accession = intake.accession, beforeTube = intake.lastEvent,
  })
  write(c, 'ZREM', key.unfinished, 'unregistered:' .. tube)
  write(c, 'ZREM', key.deadlines, 'unregistered:' .. tube)
  lab.judgeWaiting(c, tube, intake)
end
