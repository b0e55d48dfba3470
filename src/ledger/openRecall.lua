-- A person calls everybody of a tube back for a single swab: its lot was recalled, its result is in doubt.
--   ARGV     tube, reason, note
--   refuses  round_closed (run), tube_unknown, tube_empty, recall_open
--   events   recall.opened, resident.recalled

function steps.openRecall(c, a)
  local tube, members = readTube(a.tube)
  if not tube then return { word = 'tube_unknown', detail = { tube = a.tube } } end
  if tube.count == 0 then return { word = 'tube_empty', detail = { tube = a.tube } } end
  local head = tube.recall > 0 and recalls.head(tube.recall)
  if head and head.state == 1 then return { word = 'recall_open', detail = { tube = a.tube, recall = digits(tube.recall) } } end
  recalls.open(c, a.tube, tube, members, a.reason, a.note)
  writeTube(c, a.tube, tube, members)
end
