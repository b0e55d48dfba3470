-- A device hands in records of another one, from its second copy: that one has no network, or is broken. The records themselves are taken
-- before this, under their own device and numbers, so this only says who brought them and which they were.
--   ARGV     device, epoch, first, last, count
--   refuses  none
--   events   records.carried

function steps.carryRecords(c, a)
  record(c, 'records.carried', { name = a.device, epoch = a.epoch, first = tonumber(a.first), last = tonumber(a.last), count = tonumber(a.count) })
end
