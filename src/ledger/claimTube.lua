-- A foreign tube code is claimed by the cell that opened it, in the directory of all foreign codes: each is used once, ever.
--   ARGV     tube, cell
--   refuses  wrong_cell (run), round_closed (run)
--   events   tube.claimed, claim.lost, discrepancy.opened
-- The vial of the second claim is as real as that of the first, so nothing is refused: both cells are told, and people look.

function steps.claimTube(c, a)
  local holder = call('HGET', key.claims, a.tube)
  if not holder then
    write(c, 'HSET', key.claims, a.tube, a.cell)
    record(c, 'tube.claimed', { tube = a.tube, cell = a.cell })
  elseif holder ~= a.cell then
    record(c, 'claim.lost', { tube = a.tube, cell = a.cell, holder = holder })
  end
  openDiscrepancies(c, '', 0)
end
