-- Labels or cards leave the printer, and the record counts them: two vials with one label would be two pools in one tube.
--   ARGV     kind, first, last, copies, reason
--   refuses  round_closed (run), wrong_fence, codes_not_reserved, resident_unknown, reprint_needs_reason
--   events   codes.printed
-- Tubes and boxes are printed by serial, out of one range reserved in this cell; resident cards by the residents' numbers. What has been
-- printed stands in `codes` as stretches that neither overlap nor touch, found by where they end: so a print run costs the same at the
-- first label and at the last. `copies` of a label in one run are wanted; the same number in a later run asks for a reason.

local PRINTED, RUN = 10, 20

function steps.recordPrint(c, a)
  local first, last = tonumber(a.first), tonumber(a.last)
  if a.kind ~= 'resident' and (first >= 900000000) ~= (cell.rehearsal == 1) then return { word = 'wrong_fence', detail = { first = a.first } } end
  if a.kind ~= 'resident' then
    local range = codes.next(codeKinds[a.kind], first)
    if not range or last < first or range.first > first or range.last < last then return { word = 'codes_not_reserved', detail = { first = a.first, last = a.last } } end
  elseif last < first or last > tonumber(call('HGET', key.cell, 'residents') or 0) then
    return { word = 'resident_unknown', detail = { resident = last < first and a.first or a.last } }
  end

  local band = PRINTED + codeKinds[a.kind]
  local again, from, to, gone, firstAgain = 0, first, last, {}, nil
  local stretch = codes.next(band, first - 1)
  while stretch and stretch.first <= last + 1 do
    local common = math.min(last, stretch.last) - math.max(first, stretch.first) + 1
    if common > 0 then
      again = again + common
      firstAgain = firstAgain or math.max(first, stretch.first)
    end
    from, to = math.min(from, stretch.first), math.max(to, stretch.last)
    gone[#gone + 1] = stretch.member
    stretch = codes.next(band, stretch.last + 1)
  end
  if again > 0 and a.reason == '' then return { word = 'reprint_needs_reason', detail = { first = digits(firstAgain), printed = digits(again) } } end

  for i = 1, #gone do write(c, 'ZREM', key.codes, gone[i]) end
  codes.put(c, band, to, table.concat({ 'printed', a.kind, digits(from), digits(to) }, ':'))
  local n = write(c, 'HINCRBY', key.cell, 'prints', 1)
  codes.put(c, RUN, n, table.concat({ 'run', a.kind, a.first, a.last, a.copies, a.reason, digits(again), digits(c.now), c.by, n }, ':'))
  record(c, 'codes.printed', { what = a.kind, first = first, last = last, copies = tonumber(a.copies), reason = a.reason, again = again })
end
