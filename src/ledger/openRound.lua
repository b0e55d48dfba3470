-- A round begins in an area: the cell comes to life with its rules, sites and villages.
--   ARGV     name, rehearsal, laboratory, clock, rules (JSON), sites (JSON), villages (JSON, each with the ordinals of the sites it may go to)
--   refuses  round_closed (run), round_exists
--   events   round.opened, site.named, village.named
-- The journal of the device that opens is written by `run` as for any step; a cell that does not exist knows no other step.

function steps.openRound(c, a)
  if cell.state ~= 0 then return { word = 'round_exists' } end
  local rules = json.decode(a.rules)
  local sites = json.decode(a.sites)
  local villages = json.decode(a.villages)

  cell.layout = LAYOUT
  cell.state = 1
  cell.rehearsal = a.rehearsal == '1' and 1 or 0
  cell.laboratory = a.laboratory == '1' and 1 or 0
  if cell.rehearsal == 1 then
    cell.clock = tonumber(a.clock ~= '' and a.clock or c.now)
    c.now = cell.clock
  end
  cell.openedAt = c.now
  cell.poolNormal, cell.poolKey, cell.poolHigh = rules.poolSizes.normal, rules.poolSizes.key, rules.poolSizes.high
  cell.household = householdRules[rules.household]
  cell.assignment = assignmentRules[rules.assignment.rule]
  for _, name in ipairs({ 'secondsPerPerson', 'priorityLeadMinutes', 'absencesMax', 'keepSkippedMinutes', 'tubeWarnMinutes', 'tubeSealMinutes', 'silentMinutes', 'stallMinutes', 'boxTubes', 'packMinutes',
    'roadAmberMinutes', 'roadRedMinutes', 'reconcileMinutes', 'unregisteredMinutes', 'resultMinutes', 'lostMinutes', 'recallMinutes' }) do
    cell[name] = rules[name]
  end

  write(c, 'HSET', key.cell, 'head', records.cell.pack(cell), 'name', a.name, 'rehearsal', cell.rehearsal, 'rules', a.rules, 'sites', #sites, 'villages', #villages, 'epoch', c.history, 'laboratory', rules.laboratory or '')
  record(c, 'round.opened', { name = a.name, rehearsal = cell.rehearsal, rules = a.rules, laboratory = cell.laboratory })
  for i = 1, #sites do
    local place = sites[i].at and (sites[i].at.lat .. ',' .. sites[i].at.lng) or ''
    write(c, 'HSET', key.names, 'site:' .. sites[i].site, i, 'siteName:' .. i, sites[i].name)
    record(c, 'site.named', { ordinal = i, site = sites[i].site, name = sites[i].name, place = place })
  end
  for i = 1, #villages do
    local v = villages[i]
    local allowed = {}
    for j = 1, #v.sites do allowed[j] = pack('>I2', v.sites[j]) end
    local packed = table.concat(allowed)
    write(c, 'HSET', key.names, 'village:' .. v.village, i, 'sites:' .. i, packed)
    record(c, 'village.named', { ordinal = i, name = v.village, zone = v.zone or '', ownSite = v.ownSite, sites = packed })
  end
end
