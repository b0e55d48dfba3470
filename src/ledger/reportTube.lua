-- A tube has leaked, is lost, or is found again. Leaked and lost end its story and call its people back for a single swab; found takes
-- a loss back, and those called stay called until a person says otherwise.
--   ARGV     tube, what, note
--   refuses  round_closed (run), wrong_fence, tube_unknown, tube_voided, tube_resulted, tube_leaked, tube_lost, tube_not_lost
--   events   tube.sealed, tube.leaked, tube.lost, tube.found, recall.opened, resident.recalled, discrepancy.opened
-- An open tube that leaks or is lost is closed by it.

function steps.reportTube(c, a)
  local refusal
  if not fenced(a.tube) then
    refusal = against(c, 'wrong_fence', { tube = a.tube })
    if refusal then return refusal end
  end
  local tube, members = readTube(a.tube)
  if not tube then
    refusal = against(c, 'tube_unknown', { tube = a.tube })
    if refusal then return refusal end
    -- Nobody has told of it, so there is nothing to take back.
    if a.what == 'found' then
      openDiscrepancies(c, '', 0)
      return
    end
    tube, members = custody.stub(c)
  end
  local found = a.what == 'found'
  local before = #c.contradictions
  if tube.state == TUBE_VOID then refusal = against(c, 'tube_voided', { tube = a.tube })
  elseif not found and tube.lab == custody.RESULTED then refusal = against(c, 'tube_resulted', { tube = a.tube })
  elseif tube.fate == custody.LEAKED then refusal = against(c, 'tube_leaked', { tube = a.tube })
  elseif a.what == 'lost' and tube.fate == custody.LOST then refusal = against(c, 'tube_lost', { tube = a.tube })
  elseif found and tube.fate ~= custody.LOST and tube.fate ~= custody.MISSING then refusal = against(c, 'tube_not_lost', { tube = a.tube }) end
  if refusal then return refusal end
  -- What is void or has its result stays so; the report is on the record as a contradiction.
  local stays = #c.contradictions > before

  if not found and tube.state == TUBE_OPEN then
    local s = tube.station > 0 and readStation(tube.station) or nil
    if tube.marks < 4 then
      seal(c, a.tube, tube, members, 'damage', nil, s)
      if s then writeStation(c, tube.station, s) end
    end
  end
  local holding = openDiscrepancies(c, a.tube, 0)
  tube.held = math.min(255, tube.held + holding)
  if not stays then
    local fields = { tube = a.tube, station = tube.station, note = a.note, waited = 0, beforeTube = tube.lastEvent }
    if found then
      tube.fate = 0
      tube.lastEvent = record(c, 'tube.found', fields)
      write(c, 'ZREM', key.deadlines, 'lost:' .. a.tube)
    else
      if a.what == 'lost' then
        tube.fate = custody.LOST
        tube.lastEvent = record(c, 'tube.lost', fields)
      else
        tube.fate = custody.LEAKED
        tube.lastEvent = record(c, 'tube.leaked', fields)
      end
      recalls.ensure(c, a.tube, tube, members, a.what, a.note)
    end
    custody.settle(c, a.tube, tube)
  end
  writeTube(c, a.tube, tube, members)
end
