-- An area tells the laboratory what comes in a box; or, without a box, that tubes taken in unknown are its own.
--   ARGV     box, trip, from, rehearsal, tubes (JSON: code, swabs, first swab), elsewhere
--   refuses  wrong_cell (run), round_closed (run), wrong_fence, tube_code_used
--   events   box.expected, box.reconciled, tube.registered, result.parked, result.held, result.released, discrepancy.opened
-- Told again, or told after the box has come, it completes what is there. A tube that two areas call theirs is contested: its results
-- stay until a person has looked.

function steps.expectBox(c, a)
  -- A rehearsal's box at a real laboratory would be a mistake that no report makes true.
  if (a.rehearsal == '1') ~= (cell.rehearsal == 1) then return { word = 'wrong_fence', detail = { box = a.box, from = a.from } } end
  local trip, tubes = tonumber(a.trip), json.decode(a.tubes)
  local n, d
  if a.box ~= '' then n, d = lab.find(a.box) end
  local intakes = {}
  for i = 1, #tubes do
    local intake = lab.intake(tubes[i][1]) or lab.newIntake()
    intakes[i] = intake
    if intake.home ~= '' and intake.home ~= a.from then
      local refusal = against(c, 'tube_code_used', { tube = tubes[i][1], area = intake.home, other = a.from })
      if refusal then return refusal end
    end
  end

  local late = false
  if a.box ~= '' then
    local same = d and d.home == a.from and d.trip == trip
    local unannounced = d and d.home == '' and d.state ~= lab.EXPECTED
    if unannounced then
      late = true
      d.home, d.trip = a.from, trip
    elseif not same then
      n, d = lab.begin(c, a.box, lab.EXPECTED)
      d.home, d.trip, d.expectedAt = a.from, trip, c.now
    end
    if a.elsewhere == '1' then
      if d.state == lab.EXPECTED then d.state = lab.ELSEWHERE end
    elseif d.state == lab.ELSEWHERE then d.state = lab.EXPECTED end
  end
  -- Each contested tube has its own discrepancy; what is said of the whole comes after.
  local all = c.contradictions
  local function open(code)
    c.contradictions = {}
    for k = 1, #all do if all[k].detail.tube == code then c.contradictions[#c.contradictions + 1] = all[k] end end
    return openDiscrepancies(c, code or '', 0)
  end
  local added = false
  for i = 1, #tubes do
    local code, intake = tubes[i][1], intakes[i]
    if d and not string.find(' ' .. d.tubes, ' ' .. code .. ' ', 1, true) then
      d.tubes = d.tubes .. code .. ' '
      added = true
    end
    if intake.home ~= '' and intake.home ~= a.from then intake.held = math.min(255, intake.held + open(code))
    else
      local registered = intake.home == '' and intake.state > 0
      intake.home, intake.swabs, intake.sampledAt = a.from, tubes[i][2], tubes[i][3]
      if n then intake.expected = n end
      if registered then lab.register(c, code, intake) end
    end
    lab.writeIntake(c, code, intake)
  end
  open(nil)
  if not d then return end
  local _, count = string.gsub(d.tubes, ' ', '')
  local condition = 'good'
  for word, place in pairs(boxConditions) do if place == d.condition then condition = word end end
  d.lastEvent = record(c, 'box.expected', {
    box = a.box, trip = trip, home = a.from, laboratory = lab.own(), count = count, state = d.state, condition = condition,
    beforeBox = d.lastEvent,
  })
  -- Compared already, against nothing or against less: what is missing shows only now.
  if d.state == lab.RECONCILED and (late or added) then lab.compare(c, n, d, '') end
  lab.writeDelivery(c, n, d)
end
