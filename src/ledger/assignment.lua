-- Which site and station a party goes to: the rule that decides how long 28,000 people stand.
--
-- It minimises the expected time until the party is served: (people ahead + the party) x that station's measured seconds a person,
-- over the stations that are open within what the round allows. Allowed are the village's own site; its nearest sites within walking
-- distance (computed when the round opens, nearest first); or any. Equal expectations go to the nearer site, so nobody walks for
-- nothing. A party is given one station, so a household stays together. A priority ticket stands where it would stand had it come
-- `priorityLeadMinutes` earlier: ahead of those who came in that time and of nobody else, so others wait longer by a bounded time and
-- are never starved. In the issue's simulated township the three nearest sites by this rule finish in 1.30 times the bound of work
-- over lanes, each village's own site in 1.83, any site in 1.09.

-- People waiting for or called by a station.
function assignment.ahead(ordinal)
  return call('ZCOUNT', key.queue, digits(ordinal * 2 * BAND), '(' .. digits((ordinal * 2 + 2) * BAND))
end

-- The stations of a site, as ordinals.
function assignment.stationsOf(site)
  local list = {}
  local bytes = call('HGET', key.stations, 'site:' .. site)
  if bytes then for at = 1, #bytes, 2 do list[#list + 1] = parse('>I2', string.sub(bytes, at, at + 1)) end end
  return list
end

-- Sites a village may go to, nearest first; the desk's own site where the round says nothing.
function assignment.sitesOf(village, desk)
  local sites = {}
  if cell.assignment == 2 then
    local n = tonumber(call('HGET', key.cell, 'sites') or 0)
    -- The desk's own site first: equal expectations stay here.
    if desk > 0 then sites[1] = desk end
    for s = 1, n do if s ~= desk then sites[#sites + 1] = s end end
    return sites
  end
  local bytes = call('HGET', key.names, 'sites:' .. village)
  if not bytes or #bytes == 0 then return { desk } end
  local last = cell.assignment == 0 and 1 or #bytes - 1
  for at = 1, last, 2 do sites[#sites + 1] = parse('>I2', string.sub(bytes, at, at + 1)) end
  return sites
end

-- The best open station among `sites` for `size` people, not counting `except`: ordinal, record, people ahead, expected ms until the
-- party is served; nil where none is open. A stalled station is taken only when there is no other, and with `moving` not at all.
function assignment.choose(sites, size, except, moving)
  local best, bestRecord, bestAhead, bestMs, bestCost
  for i = 1, #sites do
    local ordinals = assignment.stationsOf(sites[i])
    local found = #ordinals > 0 and call('HMGET', key.stations, unpack(ordinals)) or {}
    for j = 1, #ordinals do
      local s = records.station.unpack(found[j])
      local stalled = s.marks % 2 == 1
      if s.state == 1 and ordinals[j] ~= except and not (moving and stalled) then
        local ahead = assignment.ahead(ordinals[j])
        local pace = s.pace > 0 and s.pace or cell.secondsPerPerson * 1000
        local ms = (ahead + size) * pace
        local cost = stalled and ms + 86400000 or ms
        if not bestCost or cost < bestCost then best, bestRecord, bestAhead, bestMs, bestCost = ordinals[j], s, ahead, ms, cost end
      end
    end
  end
  return best, bestRecord, bestAhead, bestMs
end

-- Gives the people of a station to others, in order, about `limit` of them; called ones first, as they have waited longest. First
-- within the site, then within what the round allows each; those who came together go together. Those for whom nothing is open stay,
-- and it is tried again in a minute. Nobody is sent from a stalled station to another.
function assignment.handOn(c, ordinal, s, reason, limit)
  local moved, stayed, more, sizes, places = 0, 0, false, {}, {}
  for called = 1, 0, -1 do
    local band = ordinal * 2 + called
    -- Up to twenty more than the limit: the last party is not divided.
    local list = call('ZRANGEBYSCORE', key.queue, digits(band * BAND), '(' .. digits((band + 1) * BAND), 'LIMIT', 0, limit + 20)
    local tickets = {}
    for i = 1, #list do
      tickets[i] = readTicket(tonumber(list[i]))
      sizes[tickets[i].party] = (sizes[tickets[i].party] or 0) + 1
    end
    for i = 1, #list do
      local t = tickets[i]
      if moved >= limit and places[t.party] == nil then more = true; break end
      if places[t.party] == nil then
        local to = assignment.choose({ s.site }, sizes[t.party], ordinal, reason == 'station_stalled')
        if not to then
          local r = readResident(t.resident)
          to = assignment.choose(assignment.sitesOf(r and r.village or 0, t.site), sizes[t.party], ordinal, reason == 'station_stalled')
        end
        places[t.party] = to or 0
      end
      if places[t.party] > 0 then
        assignment.move(c, tonumber(list[i]), t, places[t.party], reason)
        moved = moved + 1
      else stayed = stayed + 1 end
    end
  end
  if more then write(c, 'ZADD', key.deadlines, digits(c.now), 'handOn:' .. ordinal)
  elseif stayed > 0 then write(c, 'ZADD', key.deadlines, digits(c.now + 60000), 'handOn:' .. ordinal)
  else write(c, 'ZREM', key.deadlines, 'handOn:' .. ordinal) end
end

-- Moves one ticket; it keeps its place by time of arrival.
function assignment.move(c, n, t, to, reason)
  local r = readResident(t.resident)
  local from = t.station
  t.station = to
  if t.state == TICKET_CALLED then t.state = TICKET_WAITING end
  local before = r and r.lastEvent
  local id = record(c, 'ticket.moved', { ticket = n, resident = t.resident, from = from, to = to, reason = reason, beforeResident = before })
  if r then r.lastEvent = id; writeResident(c, t.resident, r) end
  writeTicket(c, n, t)
  if t.state == TICKET_WAITING then enqueue(c, n, t); assignment.watch(c, to) end
end

-- Somebody waits here: look after the stall time whether anything moves.
function assignment.watch(c, ordinal)
  write(c, 'ZADD', key.deadlines, 'NX', digits(c.now + cell.stallMinutes * 60000), 'stall:' .. ordinal)
end

-- A desk has sent people to a station that takes nobody, or to none (0) as none was open: they are handed on as soon as one is.
function assignment.strand(c, ordinal)
  write(c, 'ZADD', key.deadlines, 'NX', digits(ordinal == 0 and c.now + 60000 or c.now), 'handOn:' .. ordinal)
end
