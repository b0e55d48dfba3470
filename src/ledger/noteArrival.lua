-- The laboratory tells the area of a box that the box is there. No hand-over, or one only one of the two has told of, is a gap in its
-- custody: it shows, and stops nothing.
--   ARGV     box, trip, laboratory, condition
--   refuses  round_closed (run), box_unknown
--   events   box.received, discrepancy.opened

function steps.noteArrival(c, a)
  local refusal
  local trip = tonumber(a.trip)
  local box = custody.read(trip)
  if not box then
    refusal = against(c, 'box_unknown', { box = a.box })
    if refusal then return refusal end
  end

  if box and box.state < custody.ARRIVED then
    box.state, box.arrivedAt, box.laboratory = custody.ARRIVED, happenedAt(c), a.laboratory
    if box.legs == 0 or box.unconfirmed > 0 then box.marks = box.marks + 8 end
    box.lastEvent = record(c, 'box.received', {
      box = a.box, trip = trip, home = '', laboratory = a.laboratory, expected = custody.count(box), condition = a.condition,
      marks = box.marks % 16 >= 8 and 8 or 0, beforeBox = box.lastEvent,
    })
    custody.write(c, trip, box)
    write(c, 'ZREM', key.deadlines, 'amber:' .. trip, 'red:' .. trip)
  end
  openDiscrepancies(c, '', 0)
end
