-- What becomes due on the way from the sealed tube to the result; runDue applies it. A limit that has passed is told once, except a
-- recall's, which is told again and again until the recall ends.

local MINUTE = 60000

function due.unpacked(c, code)
  local tube, members = readTube(code)
  if not tube or tube.state ~= TUBE_SEALED or tube.box > 0 or tube.lab > 0 or custody.finished(tube) then return end
  tube.lastEvent = record(c, 'tube.late', { tube = code, what = 'unpacked', since = tube.sealedAt, beforeTube = tube.lastEvent })
  writeTube(c, code, tube, members)
end

-- The first of two limits since the first swab in the box, and the second.
local function roadLate(c, trip, what, mark)
  local box = custody.read(trip)
  if not box or box.state >= custody.ARRIVED then return end
  box.marks = box.marks + mark
  box.lastEvent = record(c, 'box.late', { box = box.code, trip = tonumber(trip), what = what, since = box.firstSwabAt, beforeBox = box.lastEvent })
  custody.watchRoad(c, trip, box)
  custody.write(c, trip, box)
end

function due.amber(c, trip) roadLate(c, trip, 'amber', 1) end
function due.red(c, trip) roadLate(c, trip, 'red', 2) end

-- Missing at the laboratory for too long.
function due.lost(c, code)
  local tube, members = readTube(code)
  if not tube or tube.fate ~= custody.MISSING or tube.lab > 0 then return end
  tube.fate = custody.LOST
  tube.lastEvent = record(c, 'tube.lost', { tube = code, station = tube.station, waited = 1, note = '', beforeTube = tube.lastEvent })
  recalls.ensure(c, code, tube, members, 'lost', '')
  writeTube(c, code, tube, members)
  custody.settle(c, code, tube)
end

function due.recall(c, subject)
  local n = tonumber(subject)
  local head = recalls.head(n)
  if not head or head.state == 2 then return end
  head.level = math.min(255, head.level + 1)
  head.dueAt = c.now + cell.recallMinutes * MINUTE
  record(c, 'recall.late', { recall = n, tube = head.tube, level = head.level, people = head.people, found = head.found, settled = head.settled })
  recalls.writeHead(c, n, head)
  write(c, 'ZADD', key.deadlines, digits(head.dueAt), 'recall:' .. n)
end

-- A negative that waited for its tube to be as it should be.
function due.release(c, code)
  local tube, members = readTube(code)
  if not tube or tube.result == 0 or tube.lab == custody.RESULTED or custody.waits(tube) then return end
  custody.release(c, code, tube, members, { accession = '', run = '', testedAt = 0, laboratory = '', secondBy = '', note = '' })
  writeTube(c, code, tube, members)
end

-- Received, and no result yet.
function due.result(c, code)
  local tube, members = readTube(code)
  if not tube or tube.lab ~= custody.RECEIVED or custody.finished(tube) or tube.result > 0 then return end
  tube.lastEvent = record(c, 'tube.late', { tube = code, what = 'unresulted', since = tube.receivedAt, beforeTube = tube.lastEvent })
  writeTube(c, code, tube, members)
end

-- A box on the laboratory's bench that nobody compares with its manifest.
function due.reconcile(c, subject)
  local n = tonumber(subject)
  local d = lab.delivery(n)
  if not d or d.state ~= lab.RECEIVED then return end
  d.lastEvent = record(c, 'box.late', { box = d.code, trip = d.trip, what = 'unreconciled', since = d.receivedAt, beforeBox = d.lastEvent })
  lab.writeDelivery(c, n, d)
end

local function intakeLate(c, code, what, is)
  local intake = lab.intake(code)
  if not intake or not is(intake) then return end
  intake.lastEvent = record(c, 'tube.late', { tube = code, what = what, since = intake.receivedAt, beforeTube = intake.lastEvent })
  lab.writeIntake(c, code, intake)
end

function due.untested(c, code)
  intakeLate(c, code, 'unresulted', function(intake) return intake.state == lab.HERE end)
end

function due.unregistered(c, code)
  intakeLate(c, code, 'unregistered', function(intake) return intake.home == '' end)
end

-- A contradiction about whose tube it is has been settled: what waited for that is looked at again.
function due.judge(c, code)
  local intake = lab.intake(code)
  if not intake then return end
  lab.judgeWaiting(c, code, intake)
  lab.writeIntake(c, code, intake)
end
