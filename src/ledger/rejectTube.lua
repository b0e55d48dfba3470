-- A tube cannot be tested: broken, unlabelled, spoilt. It need not have been received before.
--   ARGV     tube, reason (HL7 table 0490), box, note
--   refuses  wrong_cell (run), round_closed (run), wrong_fence, box_not_received, tube_rejected, tube_resulted
--   events   tube.rejected, discrepancy.opened

function steps.rejectTube(c, a)
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
    if c.reported == 0 then return { word = 'tube_rejected', detail = { tube = a.tube, at = digits(intake.receivedAt) } } end
    openDiscrepancies(c, '', 0)
    return
  elseif intake.state == lab.RELEASED then
    refusal = against(c, 'tube_resulted', { tube = a.tube, at = digits(intake.resultAt) })
    if refusal then return refusal end
    openDiscrepancies(c, '', 0)
    return
  end

  if intake.state == 0 then
    intake.marks = lab.takeIn(n, d, a.tube, intake)
    intake.receivedAt = happenedAt(c)
    if intake.home == '' then
      write(c, 'ZADD', key.unfinished, digits(c.now), 'unregistered:' .. a.tube)
      write(c, 'ZADD', key.deadlines, digits(intake.receivedAt + cell.unregisteredMinutes * 60000), 'unregistered:' .. a.tube)
    end
    if d then lab.writeDelivery(c, n, d) end
  end
  intake.state, intake.reason = lab.REJECTED, rejectionCodes[a.reason]
  intake.lastEvent = record(c, 'tube.rejected', {
    tube = a.tube, box = a.box, home = intake.home, laboratory = lab.own(), reason = a.reason, accession = intake.accession, note = a.note, beforeTube = intake.lastEvent,
  })
  lab.dropWaiting(c, a.tube, intake)
  lab.writeIntake(c, a.tube, intake)
  write(c, 'ZREM', key.unfinished, 'tube:' .. a.tube)
  write(c, 'ZREM', key.deadlines, 'untested:' .. a.tube)
  openDiscrepancies(c, '', 0)
end
