-- A tube is taken out of a box again, before the box is sealed.
--   ARGV     tube, box, reason
--   refuses  round_closed (run), box_unknown, box_sealed, tube_unknown, tube_not_packed
--   events   tube.unpacked, discrepancy.opened

function steps.unpackTube(c, a)
  local refusal
  local trip, box = custody.find(a.box)
  if not box then
    refusal = against(c, 'box_unknown', { box = a.box })
    if refusal then return refusal end
  elseif box.state ~= custody.PACKING then
    refusal = against(c, 'box_sealed', { box = a.box, at = digits(box.sealedAt) })
    if refusal then return refusal end
  end
  local tube, members = readTube(a.tube)
  if not tube then
    refusal = against(c, 'tube_unknown', { tube = a.tube })
    if refusal then return refusal end
  elseif box and tube.box ~= trip then
    local at = tube.box > 0 and custody.read(tube.box)
    refusal = against(c, 'tube_not_packed', { tube = a.tube, box = at and at.code or '' })
    if refusal then return refusal end
  end

  if tube and box and tube.box == trip then
    custody.takeOut(box, a.tube)
    tube.box = 0
    local id = record(c, 'tube.unpacked', { tube = a.tube, box = a.box, trip = trip, reason = a.reason, beforeTube = tube.lastEvent, beforeBox = box.lastEvent })
    tube.lastEvent, box.lastEvent = id, id
    custody.write(c, trip, box)
    writeTube(c, a.tube, tube, members)
    if tube.state == TUBE_SEALED and not custody.finished(tube) and tube.lab == 0 then
      write(c, 'ZADD', key.deadlines, digits(c.now + cell.packMinutes * 60000), 'unpacked:' .. a.tube)
    end
  end
  local code = tube and a.tube or ''
  hold(c, code, tube, members, openDiscrepancies(c, code, 0))
end
