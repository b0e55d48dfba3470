-- The result of a tube that is not here, as far as the record knows: it was tested before it was scanned, or its intake is still on a
-- scanner without a network. It waits until the tube has come and its area has told of it.
--   ARGV     tube, accession, run, result, testedAt, secondBy, plate, well, lot
--   refuses  wrong_cell (run), round_closed (run), time_in_future (lab.refuses), result_recorded (lab.refuses), result_differs (lab.refuses),
--            tube_rejected, tube_received, accession_used
--   events   result.parked

function steps.parkResult(c, a)
  local refusal = lab.refuses(c, a)
  if refusal then return refusal end
  local intake = lab.intake(a.tube) or lab.newIntake()
  if intake.state == lab.REJECTED then return { word = 'tube_rejected', detail = { tube = a.tube } } end
  if intake.state > 0 then return { word = 'tube_received', detail = { tube = a.tube, at = digits(intake.receivedAt) } } end
  local other = lab.accessionTaken(a.tube, a.accession)
  if other then return { word = 'accession_used', detail = { accession = a.accession, tube = other } } end

  local name, r = lab.addResult(c, a, intake)
  lab.park(c, a.tube, intake, name, r, 'not_received')
  lab.writeIntake(c, a.tube, intake)
end
