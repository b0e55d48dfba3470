-- The laboratory tells the area of a tube its result. A negative frees everybody in it, once the tube is sealed, received and without an
-- open discrepancy; until then it waits on the record. Anything else calls everybody back in this same step, whatever state the tube is in.
--   ARGV     tube, result, accession, run, testedAt, laboratory
--   refuses  round_closed (run), tube_unknown, tube_voided
--   events   result.released, result.waits, recall.opened, resident.recalled, recall.settled, recall.closed, resident.freed,
--            discrepancy.opened
-- A later result is a correction: the laboratory has had two people look at it.

function steps.noteResult(c, a)
  local refusal
  -- Told once more: by a relay that has lost its place.
  local known = a.tube .. '/' .. a.accession .. '/' .. a.run
  if call('HEXISTS', key.results, known) == 1 then return end
  local tube, members = readTube(a.tube)
  if not tube then
    refusal = against(c, 'tube_unknown', { tube = a.tube })
    if refusal then return refusal end
    tube, members = custody.stub(c)
  elseif tube.state == TUBE_VOID then
    refusal = against(c, 'tube_voided', { tube = a.tube, laboratory = a.laboratory })
    if refusal then return refusal end
  end

  write(c, 'HSET', key.results, known, a.result)
  local holding = openDiscrepancies(c, a.tube, 0)
  tube.held = math.min(255, tube.held + holding)
  tube.result = testResults[a.result]
  local fields = { accession = a.accession, run = a.run, testedAt = tonumber(a.testedAt), laboratory = a.laboratory, secondBy = '', note = '' }
  local why = a.result == 'negative' and tube.lab ~= custody.RESULTED and custody.waits(tube)
  if why then
    fields.tube, fields.result, fields.swabs, fields.why, fields.home, fields.beforeTube = a.tube, a.result, tube.count, why, '', tube.lastEvent
    tube.lastEvent = record(c, 'result.waits', fields)
    custody.settle(c, a.tube, tube)
  else custody.release(c, a.tube, tube, members, fields) end
  writeTube(c, a.tube, tube, members)
end
