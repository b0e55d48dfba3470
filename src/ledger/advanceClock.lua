-- A rehearsal's clock moves on; real rounds run on Redis TIME.
--   ARGV     to
--   refuses  round_closed (run), not_a_rehearsal, clock_backwards
--   events   clock.advanced

function steps.advanceClock(c, a)
  if cell.rehearsal == 0 then return { word = 'not_a_rehearsal' } end
  local to = tonumber(a.to)
  if to < cell.clock then return { word = 'clock_backwards', detail = { clock = digits(cell.clock) } } end
  cell.clock = to
  c.now = to
  write(c, 'HSET', key.cell, 'head', records.cell.pack(cell))
  record(c, 'clock.advanced', { to = to })
  c.due = call('ZCOUNT', key.deadlines, '-inf', digits(c.now))
end
