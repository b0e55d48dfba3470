-- A cold box is taken for a trip. One that has come back from the laboratory is taken again under the same code.
--   ARGV     box, site
--   refuses  round_closed (run), wrong_fence, site_unknown, box_in_use
--   events   box.opened, discrepancy.opened
-- A box still being packed stays the trip it is; one that is under way, says the record, and is reported open must have come back.

function steps.openBox(c, a)
  local refusal
  if not fenced(a.box) then
    refusal = against(c, 'wrong_fence', { box = a.box })
    if refusal then return refusal end
  end
  local site = a.site ~= '' and tonumber(call('HGET', key.names, 'site:' .. a.site) or 0) or 0
  if a.site ~= '' and site == 0 then
    refusal = against(c, 'site_unknown', { site = a.site })
    if refusal then return refusal end
  end
  local trip, box = custody.find(a.box)
  local begun = box and box.state == custody.PACKING and box.marks % 8 >= 4
  if box and not begun and box.state ~= custody.RECONCILED then
    refusal = against(c, 'box_in_use', { box = a.box, state = digits(box.state), at = digits(box.openedAt) })
    if refusal then return refusal end
  end

  if begun then
    box.marks, box.site = box.marks - 4, site
    box.lastEvent = record(c, 'box.opened', { box = a.box, trip = trip, site = site, beforeBox = box.lastEvent })
    custody.write(c, trip, box)
  elseif not box or box.state ~= custody.PACKING then
    trip, box = custody.begin(c, a.box, site, 0)
    custody.write(c, trip, box)
  end
  openDiscrepancies(c, '', 0)
end
