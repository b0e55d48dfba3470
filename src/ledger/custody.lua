-- Tubes and boxes on their way: what the steps of packers and couriers share.
--
-- A box goes out, comes back and goes out again; each trip has a number, and a tube's `box` is the number of the trip it is on. Where a
-- tube is follows from that and the state of the box, and is never stored a second time.

local PACKING, SEALED, HANDED_OVER, ARRIVED, RECONCILED = 1, 2, 3, 4, 5
-- The list of a box's tubes must stay below 64 kB, whatever is reported.
custody.TUBES_MAX = 3000
custody.PACKING, custody.SEALED, custody.HANDED_OVER, custody.ARRIVED, custody.RECONCILED = PACKING, SEALED, HANDED_OVER, ARRIVED, RECONCILED
custody.MISSING, custody.LOST, custody.LEAKED = 1, 2, 3
custody.RECEIVED, custody.REJECTED, custody.RESULTED = 1, 2, 3

-- The box under a code on its latest trip: number of the trip and record, or nil.
function custody.find(code)
  local trip = call('HGET', key.boxes, '@' .. code)
  if not trip then return nil end
  return tonumber(trip), records.box.unpack(call('HGET', key.boxes, trip))
end

function custody.read(trip)
  local bytes = call('HGET', key.boxes, trip)
  return bytes and records.box.unpack(bytes) or nil
end

function custody.write(c, trip, box)
  write(c, 'HSET', key.boxes, trip, records.box.pack(box))
end

-- A new trip begins; the caller writes the record.
function custody.begin(c, code, site, marks)
  local trip = write(c, 'HINCRBY', key.cell, 'trips', 1)
  write(c, 'HSET', key.boxes, '@' .. code, trip)
  local box = {
    state = PACKING, marks = marks, site = site, counted = 65535, openedAt = happenedAt(c), sealedAt = 0, arrivedAt = 0, firstSwabAt = 0, legs = 0,
    unconfirmed = 0, leg = 0, code = code, laboratory = '', from = '', to = '', offeredBy = '', hash = '', tubes = '',
  }
  box.lastEvent = record(c, 'box.opened', { box = code, trip = trip, site = site })
  return trip, box
end

function custody.count(box)
  local _, n = string.gsub(box.tubes, ' ', '')
  return n
end

function custody.takeOut(box, code)
  box.tubes = string.sub(string.gsub(' ' .. box.tubes, ' ' .. code .. ' ', ' ', 1), 2)
end

-- Has the tube's story an end? A swab left in a void tube is none.
function custody.finished(tube)
  if tube.state == TUBE_VOID then return tube.count == 0 end
  return (tube.fate or 0) >= custody.LOST or (tube.lab or 0) >= custody.REJECTED
end

-- Keeps the round open for this tube, or no longer.
function custody.settle(c, code, tube)
  if custody.finished(tube) then
    write(c, 'ZREM', key.unfinished, 'tube:' .. code)
    write(c, 'ZREM', key.deadlines, 'unpacked:' .. code, 'lost:' .. code, 'result:' .. code, 'release:' .. code)
  else write(c, 'ZADD', key.unfinished, 'NX', digits(c.now), 'tube:' .. code) end
end

-- A tube that is on its way before anybody has told that it was opened: its tablet is offline. What the tablet sends completes it.
function custody.stub(c)
  return {
    state = TUBE_OPEN, size = cell.poolNormal, risk = 0, marks = 4, count = 0, held = 0, reason = 0, counted = 255, station = 0, owner = 0, household = 0,
    openedAt = happenedAt(c), firstSwabAt = 0, lastSwabAt = 0, sealedAt = 0, sealedBy = 0, sealedNumber = 0, box = 0, fate = 0, lab = 0, result = 0,
    receivedAt = 0, recall = 0, answers = 0,
  }, ''
end

-- From the first swab in it counts the time a box may take.
function custody.watchRoad(c, trip, box)
  if box.firstSwabAt == 0 or box.state >= ARRIVED or box.marks % 4 >= 2 then return end
  if box.marks % 2 == 0 then write(c, 'ZADD', key.deadlines, digits(box.firstSwabAt + cell.roadAmberMinutes * 60000), 'amber:' .. trip)
  else write(c, 'ZADD', key.deadlines, digits(box.firstSwabAt + cell.roadRedMinutes * 60000), 'red:' .. trip) end
end

-- The manifest of a box as JSON, its hash, and the time of the first swab. The hash is over the codes in order with a blank between
-- them: SHA-1, sixteen digits (domain/manifest.ts). It is proof against slips, not against forgers.
function custody.manifest(box)
  local codes = {}
  for code in string.gmatch(box.tubes, '%S+') do codes[#codes + 1] = code end
  table.sort(codes)
  local rows, first = {}, 0
  for i = 1, #codes do
    local tube = readTube(codes[i])
    rows[i] = string.format('["%s",%d,%.0f]', codes[i], tube.count, tube.firstSwabAt)
    if tube.firstSwabAt > 0 and (first == 0 or tube.firstSwabAt < first) then first = tube.firstSwabAt end
  end
  return '[' .. table.concat(rows, ',') .. ']', string.upper(string.sub(redis.sha1hex(table.concat(codes, ' ')), 1, 16)), first
end

-- Results -----------------------------------------------------------------------------------------------------------------------

-- Why this tube's negative may not leave the record, or nil.
function custody.waits(tube)
  if tube.state == TUBE_VOID then return 'voided' end
  if tube.fate == custody.LEAKED then return 'leaked' elseif tube.fate == custody.LOST then return 'lost' end
  if tube.lab == custody.REJECTED then return 'rejected' elseif tube.lab == 0 then return 'not_received' end
  if tube.state == TUBE_OPEN then return 'not_sealed' end
  if tube.held > 0 then return 'held' end
  return nil
end

-- The people of a single tube taken for a recall have their own result by it. Gives whether that was the tube's purpose.
local function settleSingle(c, code, tube, members, result)
  if tube.size ~= 1 or tube.answers == 0 then return false end
  local settled = false
  for at = 0, #members - 1, 5 do
    local who, marks = parse('>I4B', string.sub(members, at + 1, at + 5))
    local r = who > 0 and marks < MEMBER_VOID and readResident(who)
    if r and r.recall > 0 then
      recalls.settle(c, code, tube, who, r, result)
      writeResident(c, who, r)
      settled = true
    end
  end
  return settled and #members == 5
end

-- The result is out. Negative: everybody in the tube is. Otherwise nobody is, and all are called back, except the person whose single
-- tube this is: a positive single swab says what there is to say. The caller writes the tube.
function custody.release(c, code, tube, members, fields)
  local result = resultWords[tube.result]
  tube.lab = custody.RESULTED
  fields.tube, fields.result, fields.swabs, fields.why, fields.home, fields.beforeTube = code, result, tube.count, '', '', tube.lastEvent
  tube.lastEvent = record(c, 'result.released', fields)
  custody.settle(c, code, tube)
  local settled = (result == 'negative' or result == 'positive') and settleSingle(c, code, tube, members, result)
  if result ~= 'negative' and not settled then recalls.ensure(c, code, tube, members, result, '') end
end

-- Something that held a negative back may be gone: the clock's next round looks.
function custody.tryRelease(c, code, tube)
  if tube.result == 0 or tube.lab == custody.RESULTED or custody.waits(tube) then return end
  write(c, 'ZADD', key.deadlines, digits(c.now), 'release:' .. code)
end
