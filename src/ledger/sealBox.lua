-- A box is closed. Its manifest is what the record says is in it; who seals it has counted the tubes on the bench.
--   ARGV     box, counted, laboratory
--   refuses  round_closed (run), box_unknown, box_sealed, box_empty, box_count_differs
--   events   box.sealed, discrepancy.opened
-- Reported for a box that is sealed already it changes nothing but the count: the box is closed, as both say.

function steps.sealBox(c, a)
  local refusal
  local trip, box = custody.find(a.box)
  if not box then
    refusal = against(c, 'box_unknown', { box = a.box })
    if refusal then return refusal end
    openDiscrepancies(c, '', 0)
    return
  end
  local counted = a.counted ~= '' and tonumber(a.counted) or nil
  local count = custody.count(box)
  local sealed = box.hash ~= ''
  if sealed then
    if c.reported == 0 then return { word = 'box_sealed', detail = { box = a.box, at = digits(box.sealedAt), count = digits(count) } } end
  elseif count == 0 then
    refusal = against(c, 'box_empty', { box = a.box })
    if refusal then return refusal end
  end
  if counted and counted ~= count then
    refusal = against(c, 'box_count_differs', { box = a.box, counted = digits(counted), recorded = digits(count) })
    if refusal then return refusal end
  end

  if counted then box.counted = counted end
  if not sealed then
    local manifest, hash, first = custody.manifest(box)
    -- It may be on its way or there already, when its packer was offline.
    if box.state == custody.PACKING then box.state = box.legs > 0 and custody.HANDED_OVER or custody.SEALED end
    box.sealedAt, box.hash, box.firstSwabAt = happenedAt(c), hash, first
    if box.laboratory == '' then box.laboratory = a.laboratory ~= '' and a.laboratory or call('HGET', key.cell, 'laboratory') or '' end
    box.lastEvent = record(c, 'box.sealed', {
      box = a.box, trip = trip, count = count, counted = box.counted, hash = hash, laboratory = box.laboratory, firstSwabAt = first, manifest = manifest,
      beforeBox = box.lastEvent,
    })
    custody.watchRoad(c, trip, box)
  end
  custody.write(c, trip, box)
  openDiscrepancies(c, '', 0)
end
