-- The result of a tube that is here. A clean negative leaves at once; anything else, and anything that contradicts what is on record,
-- waits for two people. What a run has said of a tube is taken once, however often its file is read.
--   ARGV     tube, accession, run, result, testedAt, secondBy, plate, well, lot
--   refuses  wrong_cell (run), round_closed (run), time_in_future (lab.refuses), result_recorded (lab.refuses), result_differs (lab.refuses),
--            tube_not_received, tube_rejected, accession_differs, accession_used
--   events   result.parked, result.held, result.released

function steps.recordResult(c, a)
  local refusal = lab.refuses(c, a)
  if refusal then return refusal end
  local intake = lab.intake(a.tube)
  if not intake or intake.state == 0 then return { word = 'tube_not_received', detail = { tube = a.tube } } end
  if intake.state == lab.REJECTED then return { word = 'tube_rejected', detail = { tube = a.tube } } end
  if intake.accession ~= '' and intake.accession ~= a.accession then
    return { word = 'accession_differs', detail = { tube = a.tube, accession = intake.accession, given = a.accession } }
  end
  local other = lab.accessionTaken(a.tube, a.accession)
  if other then return { word = 'accession_used', detail = { accession = a.accession, tube = other } } end

  if intake.accession == '' then lab.giveAccession(c, a.tube, intake, a.accession) end
  local name, r = lab.addResult(c, a, intake)
  lab.judge(c, a.tube, intake, name, r)
  lab.writeIntake(c, a.tube, intake)
end
