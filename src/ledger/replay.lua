-- Takes archived requests of a cell again, one by one, in an empty Redis: how a rebuild is made, and how an archive proves itself. Never
-- called by the door.
--   KEYS     the cell's fixed group (keys.ts), then the journals of the devices these entries name
--   ARGV     position of the last entry there is ('' none), number of entries, then for each:
--              its position, its bytes, which journal is its device's (0 none) and which the one a writeOffDevice names (0 none),
--              device and epoch, id, word and detail of its answer ('' none), number of events, then for each: id, bytes
--   answers  'taken', or 'differs', the place of the entry and in words what is other than archived
--
-- Every step runs as it did: the same code, the same arguments, the same time. What it puts on the streams gets the archived position and
-- must be byte for byte what was archived; so a copy that has been rebuilt is the record, and not a guess at it. A cell stays halted until
-- all of it is there; and each call says after which entry it goes on, so that nothing is taken twice or left out.

local REBUILDING = 'being rebuilt'

local function differs(what)
  error('differs: ' .. what, 0)
end

-- Writes an event that belongs to no request as it was archived.
local function archivedEvent(e, given)
  if #e.events ~= 1 then differs('it has ' .. #e.events .. ' events instead of one') end
  local ms, seq = parse('>I6I2', given)
  if digits(ms) .. '-' .. seq ~= e.events[1].id then differs('its event stands elsewhere') end
  call('XADD', key.events, e.events[1].id, 'd', e.events[1].bytes)
end

local replays = {}

replays[entryKinds.libraryEntry] = function(e)
  local entry = records.libraryEntry.unpack(e.bytes)
  if entry.library ~= LIBRARY then differs('it needs the library ' .. entry.library) end
  library = LIBRARY
  call('HSET', key.cell, 'library', LIBRARY)
end

replays[entryKinds.metEntry] = function(e)
  local entry = records.metEntry.unpack(e.bytes)
  archivedEvent(e, entry.event)
  call('HSET', key.cell, 'devices', entry.device)
  call('HSET', key.devices, '#' .. entry.device, e.field)
  -- Whoever opens a round is recorded before it is met.
  call('HSETNX', key.devices, e.field, records.device.pack({ ordinal = entry.device, seenAt = entry.at }))
end

replays[entryKinds.suspectEntry] = function(e)
  local entry = records.suspectEntry.unpack(e.bytes)
  archivedEvent(e, entry.event)
  call('HSET', key.cell, 'suspect:' .. e.field, digits(entry.number))
end

replays[entryKinds.deviceEntry] = function(e)
  local entry = records.deviceEntry.unpack(e.bytes)
  call('HSET', key.devices, e.field, entry.record)
  if entry.unfinished == 1 then call('ZADD', key.unfinished, digits(entry.at), 'device:' .. e.field)
  elseif entry.unfinished == 2 then call('ZREM', key.unfinished, 'device:' .. e.field) end
end

-- What both kinds of requests need: the request's context, the device's record, the length of its journal.
local function context(e, entry, at)
  local name, epoch = string.match(e.field, '^(.*):([^:]*)$')
  local bytes = call('HGET', key.devices, e.field)
  local d = bytes and records.device.unpack(bytes) or { ordinal = entry.device, assigned = 0, mark = 0, holes = 0, lost = 0, seenAt = at }
  if d.ordinal ~= entry.device then differs('its device is another one') end
  local c = {
    now = at, takenAt = at, device = entry.device, number = entry.number, fingerprint = entry.fingerprint, name = name, epoch = epoch, journal = e.journal,
    otherJournal = e.otherJournal, history = replaying.history, contradictions = {}, events = 0, reply = { 'applied' }, wrote = false,
  }
  return c, d, call('STRLEN', e.journal) / records.journalEntry.size, not bytes
end

local function keepDevice(c, e, d, isNew)
  if c.deviceChanged or isNew then call('HSET', key.devices, e.field, records.device.pack(d)) end
end

replays[entryKinds.refusalEntry] = function(e)
  local entry = records.refusalEntry.unpack(e.bytes)
  local c, d, length, isNew = context(e, entry, 0)
  if e.answer == '' or entryId(entry.answer) ~= e.answer then differs('its answer stands elsewhere') end
  call('XADD', key.answers, e.answer, 'word', e.word, 'detail', e.detail, 'of', e.field .. ':' .. digits(entry.number))
  local size, n, status = records.journalEntry.size, entry.number, 0
  if n <= length then status = string.byte(call('GETRANGE', c.journal, (n - 1) * size, (n - 1) * size)) end
  receive(c, d, length, n, status, { status = 2, events = 0, fingerprint = entry.fingerprint, answer = entry.answer })
  keepDevice(c, e, d, isNew)
end

replays[entryKinds.requestEntry] = function(e)
  local entry = records.requestEntry.unpack(e.bytes)
  if cell.rehearsal == 1 and cell.clock ~= entry.at then differs('the clock stands at ' .. digits(cell.clock)) end
  local c, d, length, isNew = context(e, entry, entry.at)
  c.claimedAt, c.offset, c.reported, c.by, c.step = entry.claimedAt, entry.offset, entry.reported, entry.by, entry.step
  local args, at = {}, 1
  while at <= #entry.args do
    args[#args + 1], at = parse('>I4c0', entry.args, at)
  end
  local reply = take(c, d, length, entry.number, entry.step, args)
  if reply[1] ~= 'applied' and reply[1] ~= 'quarantined' then differs('it is answered with ' .. reply[1] .. ' ' .. tostring(reply[2] or '')) end
  if not replaying.wasCopied then differs('it leaves no entry') end
  keepDevice(c, e, d, isNew)
end

local function replay(keys, argv)
  bind(keys)
  local head = call('HMGET', key.cell, 'head', 'halted', 'epoch', 'library')
  local last = call('XREVRANGE', key.requests, '+', '-', 'COUNT', 1)
  if (last[1] and last[1][1] or '') ~= argv[1] then return { 'differs', 1, 'the record does not end where it should' } end
  if head[1] and head[2] ~= REBUILDING then return { 'differs', 1, 'the record is in use' } end
  if not head[2] then call('HSET', key.cell, 'halted', REBUILDING) end
  cell = head[1] and records.cell.unpack(head[1]) or { state = 0 }
  if head[1] and cell.layout ~= LAYOUT then return { 'differs', 1, 'the record has another layout' } end
  library = head[4]
  local time = call('TIME')
  local history = head[3] or string.format('%x%05x', time[1], time[2])

  local at = 3
  for i = 1, tonumber(argv[2]) do
    local e = { bytes = argv[at + 1], field = argv[at + 4], answer = argv[at + 5], word = argv[at + 6], detail = argv[at + 7], events = {} }
    local position, journal, other, count = argv[at], tonumber(argv[at + 2]), tonumber(argv[at + 3]), tonumber(argv[at + 8])
    e.journal, e.otherJournal = keys[#KEY_NAMES + journal], other > 0 and keys[#KEY_NAMES + other] or nil
    at = at + 9
    for k = 1, count do
      e.events[k] = { id = argv[at], bytes = argv[at + 1] }
      at = at + 2
    end
    local placed = 0
    replaying = {
      history = history,
      place = function(packed)
        placed = placed + 1
        local archived = e.events[placed]
        if not archived then differs('it records more than ' .. #e.events .. ' events') end
        if archived.bytes ~= packed then differs('its event ' .. archived.id .. ' comes out otherwise') end
        return archived.id
      end,
      copied = function(bytes)
        if bytes ~= e.bytes then differs('its entry comes out otherwise') end
        replaying.wasCopied = true
      end,
    }
    local kind = replays[string.byte(e.bytes)]
    local ok, fault = pcall(function()
      if not kind then differs('it is of a kind that this library does not know') end
      kind(e)
      if string.byte(e.bytes) == entryKinds.requestEntry and placed ~= #e.events then differs('it records ' .. placed .. ' events instead of ' .. #e.events) end
    end)
    if not ok then return { 'differs', i, tostring(type(fault) == 'table' and fault.err or fault) } end
    call('XADD', key.requests, position, 'd', e.bytes)
  end
  return { 'taken' }
end
