-- The laboratory tells the area of a box what its comparison with the manifest has shown. What is missing is looked for until it counts
-- as lost; what is extra has been received by its own scan.
--   ARGV     box, trip, laboratory, missing (JSON), extra (JSON)
--   refuses  round_closed (run), box_unknown
--   events   box.reconciled, tube.missing, discrepancy.opened

function steps.noteReconciled(c, a)
  local refusal
  local trip = tonumber(a.trip)
  local box = custody.read(trip)
  if not box then
    refusal = against(c, 'box_unknown', { box = a.box })
    if refusal then return refusal end
    openDiscrepancies(c, '', 0)
    return
  end

  local missing, extra = json.decode(a.missing), json.decode(a.extra)
  local expected = custody.count(box)
  box.state = custody.RECONCILED
  box.laboratory = a.laboratory
  if box.arrivedAt == 0 then box.arrivedAt = happenedAt(c) end
  box.lastEvent = record(c, 'box.reconciled', {
    box = a.box, trip = trip, home = '', laboratory = a.laboratory, expected = expected, received = math.max(0, expected - #missing),
    missing = table.concat(missing, ' '), extra = table.concat(extra, ' '), beforeBox = box.lastEvent,
  })
  custody.write(c, trip, box)
  write(c, 'ZREM', key.deadlines, 'amber:' .. trip, 'red:' .. trip)
  for i = 1, #missing do
    local tube, members = readTube(missing[i])
    -- It may have been packed elsewhere or come by another way since the laboratory looked.
    if tube and tube.box == trip and tube.lab == 0 and tube.fate == 0 and tube.state ~= TUBE_VOID then
      local lostAt = c.now + cell.lostMinutes * 60000
      tube.fate = custody.MISSING
      tube.lastEvent = record(c, 'tube.missing', { tube = missing[i], box = a.box, laboratory = a.laboratory, lostAt = lostAt, beforeTube = tube.lastEvent })
      writeTube(c, missing[i], tube, members)
      write(c, 'ZADD', key.deadlines, digits(lostAt), 'lost:' .. missing[i])
    end
  end
  openDiscrepancies(c, '', 0)
end
