-- A box is compared with its manifest: what is missing is looked for, what is extra is named. A box nobody has announced is compared
-- when its manifest comes.
--   ARGV     box, note
--   refuses  wrong_cell (run), round_closed (run), box_unknown, box_not_received, box_reconciled
--   events   box.reconciled

function steps.reconcileBox(c, a)
  local latest, newest = lab.find(a.box)
  if not latest then return { word = 'box_unknown', detail = { box = a.box } } end
  local n, d = lab.onBench(a.box)
  if not n then
    if newest.state == lab.RECONCILED then return { word = 'box_reconciled', detail = { box = a.box, at = digits(newest.reconciledAt) } } end
    return { word = 'box_not_received', detail = { box = a.box } }
  end
  d.state, d.reconciledAt = lab.RECONCILED, c.now
  lab.compare(c, n, d, a.note)
  lab.writeDelivery(c, n, d)
  write(c, 'ZREM', key.unfinished, 'box:' .. n)
  write(c, 'ZREM', key.deadlines, 'reconcile:' .. n)
end
