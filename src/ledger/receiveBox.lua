-- A box is at the laboratory, announced by its manifest or not. The same scan again changes nothing.
--   ARGV     box, condition
--   refuses  wrong_cell (run), round_closed (run), wrong_fence, box_received
--   events   box.received, discrepancy.opened

function steps.receiveBox(c, a)
  local refusal
  if not fenced(a.box) then
    refusal = against(c, 'wrong_fence', { box = a.box })
    if refusal then return refusal end
  end
  local n, d = lab.find(a.box)
  if d and d.state == lab.RECEIVED then
    if c.reported == 0 then return { word = 'box_received', detail = { box = a.box, at = digits(d.receivedAt) } } end
    openDiscrepancies(c, '', 0)
    return
  end

  if not d or d.state ~= lab.EXPECTED then
    n, d = lab.begin(c, a.box, lab.EXPECTED)
    d.marks = 1
  end
  d.state, d.receivedAt, d.condition = lab.RECEIVED, happenedAt(c), boxConditions[a.condition]
  local _, expected = string.gsub(d.tubes, ' ', '')
  d.lastEvent = record(c, 'box.received', {
    box = a.box, trip = d.trip, home = d.home, laboratory = lab.own(), expected = expected, condition = a.condition, marks = d.marks % 2, beforeBox = d.lastEvent,
  })
  lab.writeDelivery(c, n, d)
  write(c, 'ZADD', key.deadlines, digits(d.receivedAt + cell.reconcileMinutes * 60000), 'reconcile:' .. n)
  write(c, 'ZADD', key.unfinished, digits(c.now), 'box:' .. n)
  openDiscrepancies(c, '', 0)
end
