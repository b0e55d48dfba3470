-- A person ends a recall: it was handed over to those who go on with it, or was a mistake. While somebody in it has no single result,
-- two people do. Recalls whose single swabs have all come back end by themselves.
--   ARGV     recall, outcome, secondBy, note
--   refuses  round_closed (run), recall_unknown, recall_closed, second_person_needed
--   events   recall.closed, resident.freed

function steps.closeRecall(c, a)
  local n = tonumber(a.recall)
  local head = recalls.head(n)
  if not head then return { word = 'recall_unknown', detail = { recall = a.recall } } end
  if head.state == 2 then return { word = 'recall_closed', detail = { recall = a.recall, tube = head.tube } } end
  if (head.settled < head.people or head.unidentified > 0) and (a.secondBy == '' or a.secondBy == c.by or c.by == '') then
    return { word = 'second_person_needed', detail = { open = digits(head.people - head.settled), unidentified = digits(head.unidentified) } }
  end

  local size = records.recalled.size
  local people = call('HGET', key.recalls, 'of:' .. n) or ''
  for at = 0, #people - 1, size do
    local entry = records.recalled.unpack(string.sub(people, at + 1, at + size))
    if entry.relation % 16 > 0 and entry.result == 0 then recalls.letGo(c, n, entry.resident, a.outcome == 'mistaken') end
  end
  recalls.close(c, n, head, a.outcome, a.secondBy, a.note)
end
