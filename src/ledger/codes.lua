-- Printed numbers, in one sorted set: ranges set apart (`reserved:kind:first:last:holder:at`), numbers that have been printed
-- (`printed:kind:first:last`) and print runs (`run:kind:first:last:copies:reason:again:at:by:n`). Each kind of entry has a band of scores
-- of its own, and in it stands where it ends.

local BAND = 10000000000

-- Puts an entry where it ends.
function codes.put(c, band, last, member)
  write(c, 'ZADD', key.codes, digits(band * BAND + last), member)
end

-- The first entry of a band that ends at `from` or later: where it begins and ends, and its text; or nil.
function codes.next(band, from)
  local found = call('ZRANGEBYSCORE', key.codes, digits(band * BAND + from), digits((band + 1) * BAND - 1), 'LIMIT', 0, 1)
  if not found[1] then return nil end
  local first, last = string.match(found[1], '^%a+:%a+:(%d+):(%d+)')
  return { first = tonumber(first), last = tonumber(last), member = found[1] }
end
