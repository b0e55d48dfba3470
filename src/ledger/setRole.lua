-- An account is made, given its roles, locked or unlocked, or gets a new password, PIN or staff card.
--   ARGV     account, state, grants (JSON), password, pin, card; '-' leaves as it was
--   refuses  wrong_cell (run), card_taken, last_administrator
--   events   role.set
-- Hashes of password and PIN are kept and never recorded as an event.

function steps.setRole(c, a)
  local bytes = call('HGET', key.accounts, a.account)
  local was = bytes and records.account.unpack(bytes) or { state = 0, administrator = 0, grants = '[]', password = '', pin = '', card = '' }
  local state = a.state == 'locked' and 2 or (a.state == '-' and was.state == 2) and 2 or 1
  local grants = a.grants ~= '-' and a.grants or was.grants
  local card = a.card ~= '-' and a.card or was.card
  local administrator = string.find(grants, '"role":"administrator"', 1, true) and 1 or 0

  local holder = card ~= '' and call('HGET', key.accounts, 'card:' .. card)
  if holder and holder ~= a.account then return { word = 'card_taken', detail = { account = holder } } end
  local counted = (was.state == 1 and was.administrator == 1) and 1 or 0
  local counts = (state == 1 and administrator == 1) and 1 or 0
  if counted == 1 and counts == 0 and tonumber(call('HGET', key.accounts, '#administrators')) < 2 then
    return { word = 'last_administrator' }
  end

  local changed = (grants ~= was.grants and 1 or 0) + (a.password ~= '-' and 2 or 0) + (a.pin ~= '-' and 4 or 0) + (card ~= was.card and 8 or 0)
  if card ~= was.card then
    if was.card ~= '' then write(c, 'HDEL', key.accounts, 'card:' .. was.card) end
    if card ~= '' then write(c, 'HSET', key.accounts, 'card:' .. card, a.account) end
  end
  if counted ~= counts then write(c, 'HINCRBY', key.accounts, '#administrators', counts - counted) end
  write(c, 'HSET', key.accounts, a.account, records.account.pack({
    state = state, administrator = administrator, changedAt = c.now, grants = grants, card = card,
    password = a.password ~= '-' and a.password or was.password, pin = a.pin ~= '-' and a.pin or was.pin,
  }))
  record(c, 'role.set', { account = a.account, state = state, grants = grants, changed = changed, card = card })
end
