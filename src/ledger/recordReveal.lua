-- Somebody looks at personal data in clear. Taken before the data is shown: who (the staff card of the request), why, of whom by number
-- and cell, how many. Never the content.
--   ARGV     what, round, area, resident, count, reason, secondBy
--   refuses  wrong_cell (run)
--   events   personal.revealed

function steps.recordReveal(c, a)
  record(c, 'personal.revealed', {
    what = a.what, round = a.round, area = a.area, resident = tonumber(a.resident), count = tonumber(a.count), reason = a.reason, secondBy = a.secondBy,
  })
end
