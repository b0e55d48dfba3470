-- Puts the wrapped keys of a round on the shelf if it still holds what the caller has seen; gives back what it holds afterwards.
--   KEYS     the shelf (hash)
--   ARGV     round, wrapped, instead ('' nothing)

local function swap(keys, argv)
  local holds = redis.call('HGET', keys[1], argv[1])
  if (holds or '') ~= argv[3] then return holds or '' end
  redis.call('HSET', keys[1], argv[1], argv[2])
  return argv[2]
end
