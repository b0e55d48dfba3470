-- Somebody tried to reach a recalled person, or one of their household, or who queued beside them. Found once is found.
--   ARGV     recall, resident, outcome, note
--   refuses  round_closed (run), recall_unknown, recall_closed, resident_unknown, not_recalled
--   events   contact.recorded, discrepancy.opened

function steps.recordContact(c, a)
  local refusal
  local n = tonumber(a.recall)
  local head = recalls.head(n)
  if not head then
    refusal = against(c, 'recall_unknown', { recall = a.recall })
    if refusal then return refusal end
  elseif head.state == 2 then
    refusal = against(c, 'recall_closed', { recall = a.recall, tube = head.tube })
    if refusal then return refusal end
  end
  local who, r = findResident(c, a.resident)
  if not r then
    refusal = against(c, 'resident_unknown', { resident = a.resident })
    if refusal then return refusal end
  end
  local people, at, entry
  if head and r then
    people, at, entry = recalls.readEntry(n, who)
    if not entry then
      -- Listed before the entry was merged into another.
      local listed = residentNumber(c, a.resident)
      people, at, entry = recalls.readEntry(n, listed)
    end
    if not entry then
      refusal = against(c, 'not_recalled', { recall = a.recall, resident = a.resident })
      if refusal then return refusal end
    end
  end

  if entry then
    recalls.contact(c, n, head, people, at, entry, who, r, a.outcome, a.note)
    writeResident(c, who, r)
  end
  openDiscrepancies(c, '', r and who or 0)
end
