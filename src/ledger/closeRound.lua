-- A person declares the round finished. Ready to close is computed; closing is an act, refused while anything is open, naming it.
--   ARGV     none
--   refuses  round_closed (run), tubes_unfinished, devices_unfinished, boxes_unfinished, results_unfinished,
--            recalls_open, discrepancies_open
--   events   round.closed

function steps.closeRound(c, a)
  local open = { tube = {}, device = {}, box = {}, result = {}, recall = {}, discrepancy = {}, record = {} }
  -- The set names everything that keeps the round open, oldest first; twenty of the kind that speaks first are enough to start with.
  -- Tubes speak before all, so the search ends with the first page that names one. Near the end of a round the set is short.
  local from, some = 0, nil
  repeat
    some = call('ZRANGE', key.unfinished, from, from + 199)
    for i = 1, #some do
      local kind, name = string.match(some[i], '^(%a+):(.*)$')
      -- A tube at the laboratory whose people nobody knows.
      if kind == 'unregistered' then kind = 'tube' end
      open[kind] = open[kind] or {}
      if #open[kind] < 20 then table.insert(open[kind], name) end
    end
    from = from + 200
  until #some < 200 or #open.tube > 0
  local count = call('ZCARD', key.unfinished)
  if #open.tube > 0 then return { word = 'tubes_unfinished', detail = { tubes = open.tube, unfinished = count } } end
  if #open.device > 0 then return { word = 'devices_unfinished', detail = { devices = open.device, unfinished = count } } end
  if #open.box > 0 then return { word = 'boxes_unfinished', detail = { boxes = open.box, unfinished = count } } end
  if #open.result > 0 then return { word = 'results_unfinished', detail = { results = open.result, unfinished = count } } end
  if #open.recall > 0 then return { word = 'recalls_open', detail = { recalls = open.recall, unfinished = count } } end
  if count > 0 then return { word = 'discrepancies_open', detail = { discrepancies = open.discrepancy, records = open.record, unfinished = count } } end
  cell.state = 2
  write(c, 'HSET', key.cell, 'head', records.cell.pack(cell))
  record(c, 'round.closed', {})
end
