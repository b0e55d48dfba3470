-- The one function that changes anything: runs up to 50 requests of one or more devices, one by one, in one atomic call.
--   KEYS     the cell's fixed group (keys.ts), then for each device its journal, then the journal a writeOffDevice names, if any
--   ARGV     layout, number of devices, then for each device:
--              device, epoch, its clock (ms, '' unknown), highest number given out ('' unknown), number of requests,
--              then for each request: number, step, mode (0 ask, 1 report), claimedAt, by, fingerprint, number of arguments, arguments
--   answers  history of the cell, the cell's time, items due, then for each device:
--              { mark, holes, lost, safe up to, copies }, then for each request { outcome, ... }:
--              'applied' or 'again' and its packed events, 'refused' or 'refused again' with word and detail (JSON),
--              'quarantined', 'fault' with a message
--
-- The journal of a device: entries of fixed size by number. A repeat is answered from it: what was applied, from its events on the
-- stream; what was refused, from the stream of answers. Nothing in it expires.
--
-- Whatever changes the record leaves an entry on the stream `requests`, in the same call: with it the second copy can take the same
-- steps again (replay.lua).

local JOURNAL_AHEAD_MAX = 10000
-- True in the system's own cell, which takes its own steps and no others.
local inSystem
-- The library that took the last step of this cell.
local library

-- Puts an entry on the stream the second copy is made from.
local function forCopy(bytes)
  if replaying then return replaying.copied(bytes) end
  if library ~= LIBRARY then
    library = LIBRARY
    call('XADD', key.requests, '*', 'd', records.libraryEntry.pack({ kind = entryKinds.libraryEntry, library = LIBRARY }))
    call('HSET', key.cell, 'library', LIBRARY)
  end
  call('XADD', key.requests, '*', 'd', bytes)
end

local function copyRequest(c, n, step, args)
  local parts, hidden = {}, notCopied[step]
  for i = 1, #args do
    local arg = args[i]
    if hidden and hidden[i] then arg = hidden[i](arg) end
    parts[i] = pack('>I4c0', #arg, arg)
  end
  -- In the order of the layout, without a table: every swab pays for this.
  forCopy(records.requestEntry.packed(entryKinds.requestEntry, c.device, n, c.fingerprint, c.takenAt, c.claimedAt, c.offset, c.reported, c.by, step, c.events,
    c.first or NO_ID, table.concat(parts)))
end

local function entryId(answer)
  local ms, seq = parse('>I6I2', answer)
  return digits(ms) .. '-' .. seq
end

-- Highest number received without a hole below it.
local function markOf(d, length)
  if d.holes == 0 then return length end
  return d.mark
end

-- Puts a number into the journal and keeps the count of holes.
local function enter(c, d, length, n, entry)
  local size = records.journalEntry.size
  local bytes = records.journalEntry.pack(entry)
  if n == length + 1 then
    write(c, 'APPEND', c.journal, bytes)
    return n
  end
  write(c, 'SETRANGE', c.journal, (n - 1) * size, bytes)
  if n > length then
    if d.holes == 0 then d.mark = length end
    d.holes = d.holes + n - length - 1
    c.deviceChanged = true
    return n
  end
  return length
end

-- A number that was a hole has arrived.
local function fillHole(c, d, length, n)
  local size = records.journalEntry.size
  d.holes = d.holes - 1
  c.deviceChanged = true
  if n ~= d.mark + 1 then return end
  local rest = call('GETRANGE', c.journal, d.mark * size, math.min(length, d.mark + JOURNAL_AHEAD_MAX) * size - 1)
  local at = 1
  while at <= #rest and string.byte(rest, at) ~= 0 do
    d.mark = d.mark + 1
    at = at + size
  end
end

-- Puts an answered request into the journal, whatever stood there; gives the journal's new length.
local function receive(c, d, length, n, status, entry)
  local was = length
  length = enter(c, d, length, n, entry)
  if status == 4 then
    d.lost = d.lost - 1
    c.deviceChanged = true
  elseif status == 0 and n <= was then
    fillHole(c, d, length, n)
  end
  return length
end

local function answerAgain(entry)
  if entry.status == 3 then return { 'quarantined' } end
  local id = entryId(entry.answer)
  if entry.status == 2 then
    local found = call('XRANGE', key.answers, id, id)[1][2]
    return { 'refused again', found[2], found[4] }
  end
  local reply = { 'again' }
  if entry.events > 0 then
    local found = call('XRANGE', key.events, id, '+', 'COUNT', entry.events)
    for i = 1, #found do reply[i + 1] = found[i][2][2] end
  end
  return reply
end

-- One request: its answer, and the journal's new length.
local function take(c, d, length, n, step, args)
  local size = records.journalEntry.size
  local status, old = 0, nil
  if n <= length then
    old = records.journalEntry.unpack(call('GETRANGE', c.journal, (n - 1) * size, n * size - 1))
    status = old.status
    if status > 0 and status < 4 then
      if old.fingerprint ~= c.fingerprint then
        -- A restored copy, or two devices of one name. The alarm is told once for each storage, so that it cannot be made to flood.
        if write(c, 'HSETNX', key.cell, 'suspect:' .. c.name .. ':' .. c.epoch, n) == 1 then
          local id = record(c, 'device.suspect', { ordinal = c.device, reused = n })
          forCopy(records.suspectEntry.pack({ kind = entryKinds.suspectEntry, device = c.device, number = n, event = id }))
        end
        return { 'refused', 'id_reused', '{}' }, length
      end
      if status ~= 2 or c.reported == 0 then return answerAgain(old), length end
    end
  elseif n > markOf(d, length) + JOURNAL_AHEAD_MAX then
    return { 'refused', 'number_too_far', json.encode({ mark = digits(markOf(d, length)) }) }, length
  end

  local refusal
  if step == 'quarantine' then
    record(c, 'record.quarantined', { problem = args[2], fingerprint = c.fingerprint })
    local field = c.name .. ':' .. c.epoch .. ':' .. digits(n)
    write(c, 'HSET', key.quarantine, field, args[1])
    write(c, 'ZADD', key.unfinished, digits(c.now), 'record:' .. field)
  else
    -- What is reported into a closed round still wants a person's decision, so those steps stay open.
    if cell.state == 2 and closedTo[step] then
      refusal = against(c, 'round_closed', {})
    end
    if step == 'refuse' then refusal = { word = args[1], detail = json.decode(args[2]) }
    elseif systemSteps[step] ~= inSystem and step ~= 'openRound' then refusal = { word = 'wrong_cell' }
    elseif directorySteps[step] and not string.find(key.cell, DIRECTORY) then refusal = { word = 'wrong_cell' }
    elseif cell.laboratory == 1 and not laboratorySteps[step] or cell.laboratory == 0 and onlyInLaboratories[step] then refusal = { word = 'wrong_cell' } end
    if not refusal then refusal = steps[step](c, stepArguments[step](args)) end
  end

  local reply, entry
  if refusal then
    local detail = refusal.detail and next(refusal.detail) and json.encode(refusal.detail) or '{}'
    local id = call('XADD', key.answers, '*', 'word', refusal.word, 'detail', detail, 'of', c.name .. ':' .. c.epoch .. ':' .. digits(n))
    local ms, seq = string.match(id, '(%d+)-(%d+)')
    entry = { status = 2, events = 0, fingerprint = c.fingerprint, answer = pack('>I6I2', ms, seq) }
    reply = { 'refused', refusal.word, detail }
  else
    entry = { status = step == 'quarantine' and 3 or 1, events = c.events, fingerprint = c.fingerprint, answer = c.first }
    if step == 'quarantine' then reply = { 'quarantined' }
    else reply = c.reply end
  end
  if cell.state == 0 then return reply, length end
  length = receive(c, d, length, n, status, entry)
  if refusal then
    forCopy(records.refusalEntry.pack({ kind = entryKinds.refusalEntry, device = c.device, number = n, fingerprint = c.fingerprint, answer = entry.answer }))
  else copyRequest(c, n, step, args) end
  return reply, length
end

-- Binds what exists only while a function runs, and this call's keys.
local function bind(keys)
  call, pack, parse, json = redis.call, struct.pack, struct.unpack, cjson
  inSystem = keys[1] == SYSTEM_CELL or nil
  for i = 1, #KEY_NAMES do key[KEY_NAMES[i]] = keys[i] end
  replaying = nil
end

local function run(keys, argv)
  bind(keys)
  local head = call('HMGET', key.cell, 'head', 'halted', 'epoch', 'library', 'copies')
  library = head[4]
  local time = call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if head[2] then return { head[3] or '', 0, 0, 'cell_halted' } end
  if head[1] then
    cell = records.cell.unpack(head[1])
    if cell.layout ~= LAYOUT or tonumber(argv[1]) ~= LAYOUT then return { head[3] or '', 0, 0, 'layout_differs' } end
    if cell.rehearsal == 1 then now = cell.clock end
  else
    cell = { state = 0 }
  end
  local history = head[3] or string.format('%x%05x', time[1], time[2])

  local out, at, devices, dueCount = { history, 0, 0, '' }, 3, tonumber(argv[2]), 0
  for j = 1, devices do
    local name, epoch, deviceNow, assigned, count = argv[at], argv[at + 1], argv[at + 2], argv[at + 3], tonumber(argv[at + 4])
    at = at + 5
    local journal = keys[#KEY_NAMES + j]
    local field = name .. ':' .. epoch
    local answers = { '' }
    local length = call('STRLEN', journal) / records.journalEntry.size
    local bytes = call('HGET', key.devices, field)
    local d = bytes and records.device.unpack(bytes) or nil
    local offset = deviceNow ~= '' and math.floor((now - tonumber(deviceNow)) / 1000) or 0
    if offset > 2147483647 or offset < -2147483648 then offset = 0 end
    local changed = false

    for i = 1, count do
      local n, step, mode, claimedAt, by, fingerprint, argc = tonumber(argv[at]), argv[at + 1], argv[at + 2], tonumber(argv[at + 3]), argv[at + 4], tonumber(argv[at + 5]), tonumber(argv[at + 6])
      local args = {}
      for k = 1, argc do args[k] = argv[at + 6 + k] end
      at = at + 7 + argc
      if cell.state == 0 and step ~= 'openRound' then
        answers[i + 1] = { 'refused', 'cell_unknown', '{}' }
      elseif cell.halted then
        answers[i + 1] = { 'refused', 'cell_halted', '{}' }
      else
        local c = {
          now = now, takenAt = now, device = d and d.ordinal or 1, number = n, claimedAt = claimedAt, offset = offset, by = by, fingerprint = fingerprint,
          reported = (mode == '1' and facts[step]) and 1 or 0, name = name, epoch = epoch, journal = journal, step = step,
          otherJournal = keys[#KEY_NAMES + devices + 1], history = history, contradictions = {}, events = 0, reply = { 'applied' }, wrote = false,
        }
        if not d and cell.state ~= 0 then
          local ordinal = write(c, 'HINCRBY', key.cell, 'devices', 1)
          d = { ordinal = ordinal, assigned = 0, mark = 0, holes = 0, lost = 0, seenAt = now }
          c.device = ordinal
          -- Its record stands at once: a step of this very parcel may ask whether it is in contact.
          write(c, 'HSET', key.devices, '#' .. ordinal, field, field, records.device.pack(d))
          local id = record(c, 'device.met', { ordinal = ordinal, name = name, epoch = epoch })
          forCopy(records.metEntry.pack({ kind = entryKinds.metEntry, at = now, device = ordinal, event = id }))
          changed, c.events, c.reply, c.first, c.wrote = true, 0, { 'applied' }, nil, false
        end
        local opening = cell.state == 0
        if opening then d = { ordinal = 1, assigned = 0, mark = 0, holes = 0, lost = 0, seenAt = now } end
        local ok, reply, longer = pcall(take, c, d, length, n, step, args)
        if ok then
          answers[i + 1], length = reply, longer
          now = c.now
          if c.due then dueCount = c.due end
          if opening then
            if cell.state == 0 then d = nil
            else
              -- By the clock of the round that has just been opened.
              d.seenAt = now
              write(c, 'HSET', key.cell, 'devices', 1)
              write(c, 'HSET', key.devices, '#1', field)
              -- Not part of the answer, so that a repeat hears the same.
              c.reply = {}
              local id = record(c, 'device.met', { ordinal = 1, name = name, epoch = epoch })
              forCopy(records.metEntry.pack({ kind = entryKinds.metEntry, at = now, device = 1, event = id }))
              changed = true
            end
          end
          changed = changed or c.deviceChanged
        else
          -- A fault before the first write is this request's own; after it the record of this cell can no longer be trusted.
          if c.wrote then
            call('HSET', key.cell, 'halted', step .. ': ' .. tostring(type(reply) == 'table' and reply.err or reply))
            cell.halted = true
          end
          answers[i + 1] = { 'fault', tostring(type(reply) == 'table' and reply.err or reply) }
        end
      end
    end

    if d then
      -- More than may be ahead is not believed: nothing of it could be received, and writing it off would have to count it.
      local highest = math.max(length, math.min(tonumber(assigned ~= '' and assigned or 0), markOf(d, length) + JOURNAL_AHEAD_MAX))
      local wasMissing = bytes and call('ZSCORE', key.unfinished, 'device:' .. field)
      if highest > length and highest > d.assigned then d.assigned, changed = highest, true end
      -- Signs of life are kept to half a minute, so that a busy tablet does not write one with every swab.
      if now - d.seenAt >= 30000 then d.seenAt, changed = now, true end
      if changed then call('HSET', key.devices, field, records.device.pack(d)) end
      local missing = d.holes > 0 or d.assigned > length
      local unfinished = 0
      if missing and not wasMissing then
        call('ZADD', key.unfinished, digits(now), 'device:' .. field)
        unfinished = 1
      elseif wasMissing and not missing then
        call('ZREM', key.unfinished, 'device:' .. field)
        unfinished = 2
      end
      if changed or unfinished > 0 then
        forCopy(records.deviceEntry.pack({ kind = entryKinds.deviceEntry, at = now, device = d.ordinal, record = records.device.pack(d), unfinished = unfinished }))
      end
      local safe = head[5] == '2' and tonumber(call('HGET', key.safe, field) or 0) or 0
      answers[1] = { markOf(d, length), d.holes + math.max(0, d.assigned - length), d.lost, safe, head[5] == '2' and 2 or 1 }
    else
      answers[1] = { length, 0, 0, 0, head[5] == '2' and 2 or 1 }
    end
    out[4 + j] = answers
  end
  out[2] = digits(now)
  out[3] = dueCount
  return out
end
