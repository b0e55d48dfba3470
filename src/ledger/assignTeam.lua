-- A team answers for villages: for bringing their people, and for those who are missing.
--   ARGV     team, name, villages (JSON)
--   refuses  round_closed (run)
--   events   team.assigned, village.named

function steps.assignTeam(c, a)
  local list = {}
  for i, name in ipairs(json.decode(a.villages)) do list[i] = pack('>I2', villageOrdinal(c, name)) end
  local villages = table.concat(list)
  write(c, 'HSET', key.names, 'team:' .. a.team, villages)
  record(c, 'team.assigned', { team = a.team, name = a.name, villages = villages })
end
