-- A sealed tube goes into a box. A straggler may join any box that is open, at any time: also one the laboratory has missed in the box
-- it was thought to be in.
--   ARGV     tube, box
--   refuses  round_closed (run), wrong_fence, box_unknown, box_sealed, box_full, tube_unknown, tube_voided, tube_not_sealed, tube_lost,
--            tube_leaked, tube_received, tube_packed
--   events   box.opened, tube.packed, discrepancy.opened
-- Reported, the tube is in the box, whatever the record thought. The same scan again changes nothing.

function steps.packTube(c, a)
  local refusal
  if not fenced(a.box) or not fenced(a.tube) then
    refusal = against(c, 'wrong_fence', { box = a.box, tube = a.tube })
    if refusal then return refusal end
  end
  local trip, box = custody.find(a.box)
  local tube, members = readTube(a.tube)
  if c.reported == 1 and tube and trip and tube.box == trip then return end
  if not box or c.reported == 1 and box.state == custody.RECONCILED then
    refusal = against(c, 'box_unknown', { box = a.box })
    if refusal then return refusal end
    box = nil
  elseif box.state ~= custody.PACKING then
    refusal = against(c, 'box_sealed', { box = a.box, at = digits(box.sealedAt) })
    if refusal then return refusal end
  end
  if box then
    local count = custody.count(box)
    if count >= cell.boxTubes then
      -- Beyond any real box the list itself would break, so that not even a report is taken.
      if count >= custody.TUBES_MAX then return { word = 'box_full', detail = { box = a.box, count = digits(count) } } end
      refusal = against(c, 'box_full', { box = a.box, count = digits(count) })
      if refusal then return refusal end
    end
  end
  local old
  if not tube then
    refusal = against(c, 'tube_unknown', { tube = a.tube })
    if refusal then return refusal end
    tube, members = custody.stub(c)
  else
    local detail = { tube = a.tube, box = a.box }
    if tube.state == TUBE_VOID then refusal = against(c, 'tube_voided', detail)
    elseif tube.state == TUBE_OPEN then refusal = against(c, 'tube_not_sealed', detail)
    elseif tube.fate == custody.LOST then refusal = against(c, 'tube_lost', detail)
    elseif tube.fate == custody.LEAKED then refusal = against(c, 'tube_leaked', detail)
    elseif tube.lab > 0 then refusal = against(c, 'tube_received', detail) end
    if refusal then return refusal end
    if tube.box > 0 then
      old = tube.box == trip and box or custody.read(tube.box)
      -- The laboratory has looked through that box and not found it there.
      local left = old ~= box and old.state >= custody.ARRIVED and tube.lab == 0
      if not left then
        refusal = against(c, 'tube_packed', { tube = a.tube, box = old.code, same = old == box })
        if refusal then return refusal end
      end
    end
  end

  if not box then
    trip, box = custody.begin(c, a.box, 0, 4)
  end
  if old then
    custody.takeOut(old, a.tube)
    if old ~= box then custody.write(c, tube.box, old) end
  end
  box.tubes = box.tubes .. a.tube .. ' '
  if tube.firstSwabAt > 0 and (box.firstSwabAt == 0 or tube.firstSwabAt < box.firstSwabAt) then
    box.firstSwabAt = tube.firstSwabAt
    custody.watchRoad(c, trip, box)
  end
  tube.box = trip
  if tube.fate == custody.MISSING then tube.fate = 0 end
  local id = record(c, 'tube.packed', {
    tube = a.tube, box = a.box, trip = trip, station = tube.station, swabs = tube.count, firstSwabAt = tube.firstSwabAt,
    laboratory = box.state > custody.PACKING and box.laboratory or '', beforeTube = tube.lastEvent, beforeBox = box.lastEvent,
  })
  tube.lastEvent, box.lastEvent = id, id
  local holding = openDiscrepancies(c, a.tube, 0)
  tube.held = math.min(255, tube.held + holding)
  custody.write(c, trip, box)
  writeTube(c, a.tube, tube, members)
  custody.settle(c, a.tube, tube)
  write(c, 'ZREM', key.deadlines, 'unpacked:' .. a.tube, 'lost:' .. a.tube)
end
