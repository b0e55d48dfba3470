-- A tube is at the laboratory. One that no record has told of is taken in as unregistered, and its results wait until an area tells of
-- it. A stuck trigger that scans it fifty times changes nothing.
--   ARGV     tube, box, accession
--   refuses  wrong_cell (run), round_closed (run), wrong_fence, box_not_received, tube_rejected, tube_received, accession_used
--   events   tube.received, result.parked, result.held, result.released, discrepancy.opened

function steps.receiveTube(c, a)
  local refusal
  if not fenced(a.tube) then
    refusal = against(c, 'wrong_fence', { tube = a.tube })
    if refusal then return refusal end
  end
  local n, d
  if a.box ~= '' then
    n, d = lab.onBench(a.box)
    if not d then
      refusal = against(c, 'box_not_received', { box = a.box, tube = a.tube })
      if refusal then return refusal end
    end
  end
  local intake = lab.intake(a.tube) or lab.newIntake()
  if intake.state == lab.REJECTED then
    refusal = against(c, 'tube_rejected', { tube = a.tube, at = digits(intake.receivedAt) })
    if refusal then return refusal end
  elseif intake.state > 0 then
    if c.reported == 0 then
      local at = intake.delivery > 0 and lab.delivery(intake.delivery)
      return { word = 'tube_received', detail = { tube = a.tube, at = digits(intake.receivedAt), box = at and at.code or '' } }
    end
    openDiscrepancies(c, '', 0)
    return
  end
  local other = lab.accessionTaken(a.tube, a.accession)
  if other then
    refusal = against(c, 'accession_used', { accession = a.accession, tube = other })
    if refusal then return refusal end
  end

  openDiscrepancies(c, '', 0)
  if intake.state ~= 0 then return end
  intake.marks = lab.takeIn(n, d, a.tube, intake)
  intake.state, intake.receivedAt = lab.HERE, happenedAt(c)
  if not other then lab.giveAccession(c, a.tube, intake, a.accession) end
  intake.lastEvent = record(c, 'tube.received', {
    tube = a.tube, box = a.box, home = intake.home, laboratory = lab.own(), accession = intake.accession, marks = intake.marks, beforeTube = intake.lastEvent,
  })
  write(c, 'ZADD', key.unfinished, digits(c.now), 'tube:' .. a.tube)
  write(c, 'ZADD', key.deadlines, digits(intake.receivedAt + cell.resultMinutes * 60000), 'untested:' .. a.tube)
  if intake.home == '' then
    write(c, 'ZADD', key.unfinished, digits(c.now), 'unregistered:' .. a.tube)
    write(c, 'ZADD', key.deadlines, digits(intake.receivedAt + cell.unregisteredMinutes * 60000), 'unregistered:' .. a.tube)
  end
  if d then lab.writeDelivery(c, n, d) end
  lab.judgeWaiting(c, a.tube, intake)
  lab.writeIntake(c, a.tube, intake)
end
