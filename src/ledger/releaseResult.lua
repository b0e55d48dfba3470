-- Two people let a held result go: the first recorded it or asks for this, the second is named. Held results it contradicts are set aside.
--   ARGV     tube, accession, run, secondBy, note
--   refuses  wrong_cell (run), round_closed (run), result_unknown, result_not_held, tube_contested, second_person_needed
--   events   result.released
-- A result that only lacked its second person is let go by anybody but its first. One that contradicts another needs two who look.

function steps.releaseResult(c, a)
  local name = a.accession .. '/' .. a.run
  local r = lab.result(a.tube, name)
  if not r then return { word = 'result_unknown', detail = { tube = a.tube, accession = a.accession, run = a.run } } end
  if r.state ~= lab.HELD then return { word = 'result_not_held', detail = { tube = a.tube, at = digits(r.recordedAt) } } end
  local intake = lab.intake(a.tube)
  if intake.held > 0 then return { word = 'tube_contested', detail = { tube = a.tube } } end
  local two = c.by ~= '' and (a.secondBy ~= '' and a.secondBy ~= c.by or r.why == resultWaits.second_person and r.by ~= '' and r.by ~= c.by)
  if not two then return { word = 'second_person_needed', detail = { tube = a.tube } } end

  r.secondBy = a.secondBy ~= '' and a.secondBy or c.by
  lab.release(c, a.tube, intake, name, r, a.note)
  lab.writeIntake(c, a.tube, intake)
end
