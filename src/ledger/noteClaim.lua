-- A foreign tube code of this area was opened in another cell too: two vials bear one code, and nobody can tell whose result is whose.
--   ARGV     tube, other
--   refuses  round_closed (run), tube_unknown, tube_code_used
--   events   discrepancy.opened

function steps.noteClaim(c, a)
  local refusal
  local tube, members = readTube(a.tube)
  if not tube then
    refusal = against(c, 'tube_unknown', { tube = a.tube })
    if refusal then return refusal end
  end
  refusal = against(c, 'tube_code_used', { tube = a.tube, cell = a.other })
  if refusal then return refusal end
  local code = tube and a.tube or ''
  hold(c, code, tube, members, openDiscrepancies(c, code, 0))
end
