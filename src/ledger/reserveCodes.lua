-- A range of printed numbers is set apart for a team, a site or a printer. Ranges come from one counter over all rounds, so a code is
-- used once, ever; the door takes the range first and this step puts it on record, so a crash between the two wastes numbers and
-- never gives them twice.
--   ARGV     kind, count, holder, first (given by the door, outside the compared content)
--   refuses  round_closed (run), range_exhausted
--   events   codes.reserved

function steps.reserveCodes(c, a)
  local first, count = tonumber(a.first), tonumber(a.count)
  local last = first + count - 1
  -- The upper tenth of the serials is for rehearsals (domain/codes.ts).
  if last > (cell.rehearsal == 1 and 999999999 or 899999999) then return { word = 'range_exhausted' } end
  codes.put(c, codeKinds[a.kind], last, table.concat({ 'reserved', a.kind, a.first, digits(last), a.holder, digits(c.now) }, ':'))
  record(c, 'codes.reserved', { what = a.kind, first = first, last = last, holder = a.holder })
end
