-- The laboratory tells the area of a tube that it has received or rejected it. A tube thought missing or lost is found by that; the
-- people of a rejected one are called back.
--   ARGV     tube, outcome, reason, laboratory, box, accession
--   refuses  round_closed (run), tube_unknown, tube_voided
--   events   tube.found, tube.received, tube.rejected, recall.opened, resident.recalled, discrepancy.opened

function steps.noteIntake(c, a)
  local refusal
  local tube, members = readTube(a.tube)
  if not tube then
    refusal = against(c, 'tube_unknown', { tube = a.tube })
    if refusal then return refusal end
    tube, members = custody.stub(c)
  elseif tube.state == TUBE_VOID then
    refusal = against(c, 'tube_voided', { tube = a.tube, laboratory = a.laboratory })
    if refusal then return refusal end
  end

  local rejected = a.outcome == 'rejected'
  local news = rejected and tube.lab < custody.REJECTED or not rejected and tube.lab == 0
  if news then
    if tube.fate == custody.MISSING or tube.fate == custody.LOST then
      tube.fate = 0
      tube.lastEvent = record(c, 'tube.found', { tube = a.tube, station = tube.station, note = '', beforeTube = tube.lastEvent })
    end
    local fields = {
      tube = a.tube, box = a.box, home = '', laboratory = a.laboratory, accession = a.accession, reason = a.reason, note = '', marks = 0, beforeTube = tube.lastEvent,
    }
    if tube.receivedAt == 0 then tube.receivedAt = happenedAt(c) end
    if rejected then
      tube.lab = custody.REJECTED
      tube.lastEvent = record(c, 'tube.rejected', fields)
      if tube.fate ~= custody.LEAKED then recalls.ensure(c, a.tube, tube, members, 'rejected', '') end
    else
      tube.lab = custody.RECEIVED
      tube.lastEvent = record(c, 'tube.received', fields)
      write(c, 'ZADD', key.deadlines, digits(tube.receivedAt + cell.resultMinutes * 60000), 'result:' .. a.tube)
    end
  end
  local holding = openDiscrepancies(c, a.tube, 0)
  tube.held = math.min(255, tube.held + holding)
  writeTube(c, a.tube, tube, members)
  write(c, 'ZREM', key.deadlines, 'unpacked:' .. a.tube, 'lost:' .. a.tube)
  custody.settle(c, a.tube, tube)
  custody.tryRelease(c, a.tube, tube)
end
