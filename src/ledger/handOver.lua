-- A box passes from one named person to another. One of them says so, the other says the same; where there is no network, who takes it
-- has read the manifest from the other's screen, and its hash stands for both.
--   ARGV     box, from, to, hash, laboratory
--   refuses  round_closed (run), same_person, box_unknown, box_not_sealed, box_arrived, custody_elsewhere, not_a_party, manifest_differs,
--            handover_offered
--   events   box.handedOver, box.redirected, discrepancy.opened
-- A hand-over that nobody confirmed does not stop the next: the box is where it is, and the gap in the chain is counted.

function steps.handOver(c, a)
  local refusal
  if a.from == a.to then
    refusal = against(c, 'same_person', { from = a.from })
    if refusal then return refusal end
  end
  local trip, box = custody.find(a.box)
  if not box then
    refusal = against(c, 'box_unknown', { box = a.box })
    if refusal then return refusal end
    openDiscrepancies(c, '', 0)
    return
  end
  if box.state == custody.PACKING then
    refusal = against(c, 'box_not_sealed', { box = a.box })
    if refusal then return refusal end
  elseif box.state >= custody.ARRIVED then
    refusal = against(c, 'box_arrived', { box = a.box, at = digits(box.arrivedAt), laboratory = box.laboratory })
    if refusal then return refusal end
  end
  local same = box.legs > 0 and box.from == a.from and box.to == a.to
  if same and box.leg == 2 and c.reported == 1 then return end
  local holder = box.legs == 0 or same and box.leg == 1 or box.to == a.from or box.leg == 1 and box.from == a.from
  if not holder then
    refusal = against(c, 'custody_elsewhere', { box = a.box, holder = box.leg == 1 and box.from or box.to })
    if refusal then return refusal end
  end
  if c.by ~= a.from and c.by ~= a.to then
    refusal = against(c, 'not_a_party', { box = a.box })
    if refusal then return refusal end
  end
  if a.hash ~= '' and a.hash ~= box.hash then
    refusal = against(c, 'manifest_differs', { box = a.box, hash = a.hash, recorded = box.hash })
    if refusal then return refusal end
  end
  local proved = a.hash ~= '' and a.hash == box.hash
  -- The same hand-over once more: its confirmation, or nothing new.
  if same then
    local confirms = box.leg == 1 and (proved or c.by ~= box.offeredBy)
    if not confirms then
      if c.reported == 0 then return { word = 'handover_offered', detail = { box = a.box, from = a.from, to = a.to, confirmed = false } } end
      openDiscrepancies(c, '', 0)
      return
    end
    box.leg, box.unconfirmed = 2, box.unconfirmed - 1
  else
    box.legs, box.from, box.to, box.offeredBy = math.min(255, box.legs + 1), a.from, a.to, c.by
    box.leg = proved and 2 or 1
    if not proved then box.unconfirmed = math.min(255, box.unconfirmed + 1) end
  end

  if box.state == custody.SEALED then box.state = custody.HANDED_OVER end
  box.lastEvent = record(c, 'box.handedOver', { box = a.box, trip = trip, leg = box.legs, from = a.from, to = a.to, confirmed = proved and 2 or box.leg - 1, beforeBox = box.lastEvent })
  if a.laboratory ~= '' and a.laboratory ~= box.laboratory and box.state < custody.ARRIVED then
    local was = box.laboratory
    box.laboratory = a.laboratory
    box.lastEvent = record(c, 'box.redirected', { box = a.box, trip = trip, was = was, laboratory = a.laboratory, manifest = (custody.manifest(box)), beforeBox = box.lastEvent })
  end
  custody.write(c, trip, box)
  openDiscrepancies(c, '', 0)
end
