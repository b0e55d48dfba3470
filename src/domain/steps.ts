// THE table: what people may do. One line a step: the place where it is taken, the arguments in the order the Lua file gets them,
// the refusals in order of precedence, the events it records. Routes, roles, OpenAPI, the README's table and the headers of the Lua
// files are derived from it or checked against it (test/tidy.test.ts).

import type { EventName } from './events.js';
import type { RefusalWord } from './refusals.js';
import type { StepName } from './requests.js';

export type Place = 'command post' | 'check-in' | 'station' | 'follow-up' | 'clock';

export interface Step {
  place: Place;
  /** What happens in the field, in one sentence. */
  does: string;
  doesZh: string;
  args: readonly string[];
  refuses: readonly RefusalWord[];
  events: readonly EventName[];
}

const step = (
  place: Place,
  doesZh: string,
  does: string,
  args: readonly string[],
  refuses: readonly RefusalWord[],
  events: readonly EventName[],
): Step => ({ place, does, doesZh, args, refuses, events });

export const steps = {
  openRound: step('command post', '开启一个轮次', 'A round begins in an area, with its rules, sites and villages.',
    ['name', 'rehearsal', 'clock', 'rules', 'sites', 'villages'],
    ['round_exists'],
    ['round.opened', 'site.named', 'village.named']),
  closeRound: step('command post', '结束轮次', 'A person declares a round finished, once the record says that nothing is open.',
    [],
    ['round_closed', 'tubes_unfinished', 'devices_unfinished', 'discrepancies_open'],
    ['round.closed']),
  openStation: step('command post', '开放采样台', 'A table is ready to take people.',
    ['station', 'site'],
    ['round_closed', 'site_unknown', 'station_elsewhere', 'too_many_stations', 'station_open'],
    ['station.opened']),
  pauseStation: step('command post', '暂停采样台', 'A table rests; its people are handed on in order.',
    ['station', 'reason'],
    ['round_closed', 'station_unknown', 'station_not_open'],
    ['station.paused', 'ticket.moved']),
  drainStation: step('command post', '采样台不再收人', 'A table takes nobody new and serves those it has.',
    ['station', 'reason'],
    ['round_closed', 'station_unknown', 'station_not_open'],
    ['station.draining']),
  closeStation: step('command post', '关闭采样台', 'A table ends its day; its open tubes are sealed and its people handed on in order.',
    ['station', 'reason'],
    ['round_closed', 'station_unknown', 'station_not_open'],
    ['station.closed', 'tube.sealed', 'tube.voided', 'ticket.moved']),
  assignTeam: step('command post', '指定负责小组', 'A team answers for villages.',
    ['team', 'name', 'villages'],
    ['round_closed'],
    ['team.assigned', 'village.named']),
  enrolResidents: step('command post', '导入名单', 'Residents are put on the roster; those already on it stay as they are.',
    ['residents'],
    ['round_closed'],
    ['residents.enrolled', 'village.named']),
  excuseResident: step('command post', '登记免检', 'A resident need not come, for a reason, for a time or for good.',
    ['resident', 'reason', 'until', 'note'],
    ['round_closed', 'resident_unknown', 'already_sampled'],
    ['resident.excused', 'discrepancy.opened']),
  reserveCodes: step('command post', '领用号段', 'A range of printed numbers is set apart for somebody.',
    ['kind', 'count', 'holder', 'first'],
    ['round_closed', 'range_exhausted'],
    ['codes.reserved']),
  registerWalkIn: step('check-in', '登记临时人员', 'Somebody who is not on the roster is put on it.',
    ['index', 'sealed', 'village', 'household', 'risk', 'priority', 'single'],
    ['round_closed', 'resident_known'],
    ['resident.registered', 'village.named']),
  issueTicket: step('check-in', '取号', 'Those who came together get their places in the queue that serves them soonest.',
    ['site', 'party', 'station', 'priority'],
    ['round_closed', 'site_unknown', 'station_unknown', 'resident_unknown', 'resident_deceased', 'already_sampled', 'ticket_open', 'ticket_number_used', 'no_station_open'],
    ['ticket.issued', 'discrepancy.opened']),
  callNext: step('check-in', '叫号', 'A station calls the next party.',
    ['station'],
    ['round_closed', 'station_unknown', 'station_not_open', 'queue_empty'],
    ['ticket.called', 'tube.sealed']),
  skipTicket: step('check-in', '过号', 'Called, and nobody came; after the last time the ticket is skipped and kept a while.',
    ['resident'],
    ['round_closed', 'resident_unknown', 'ticket_unknown', 'ticket_not_called'],
    ['ticket.skipped']),
  moveTicket: step('check-in', '转台', 'A ticket goes to another station and keeps its place by time of arrival.',
    ['resident', 'station'],
    ['round_closed', 'station_unknown', 'station_not_open', 'resident_unknown', 'ticket_unknown'],
    ['ticket.moved']),
  openTube: step('station', '打开试管', 'An empty vial is taken for a pool; a pool tube still open on this device is sealed first.',
    ['tube', 'station', 'risk', 'size'],
    ['round_closed', 'station_unknown', 'station_not_open', 'wrong_fence', 'tube_code_used', 'size_not_allowed'],
    ['tube.opened', 'tube.sealed', 'tube.voided', 'discrepancy.opened']),
  takeSwab: step('station', '采样', "A resident's swab goes into an open tube; the last place seals it.",
    ['resident', 'tube'],
    ['round_closed', 'resident_unknown', 'resident_deceased', 'already_sampled', 'wrong_fence', 'tube_unknown', 'tube_voided', 'tube_sealed', 'tube_full', 'single_tube_only', 'risk_group_differs', 'household_differs', 'party_does_not_fit', 'tube_not_owned'],
    ['swab.taken', 'tube.sealed', 'discrepancy.opened']),
  voidSwab: step('station', '撤销采样', 'A swab that is not in the tube is taken off the record.',
    ['resident', 'tube', 'reason', 'secondBy', 'note'],
    ['round_closed', 'resident_unknown', 'tube_unknown', 'swab_unknown', 'second_person_needed'],
    ['swab.voided', 'discrepancy.opened']),
  moveSwab: step('station', '更正试管', 'A swab recorded in one tube is in truth in another.',
    ['resident', 'from', 'to', 'reason', 'secondBy', 'note'],
    ['round_closed', 'same_tube', 'resident_unknown', 'tube_unknown', 'tube_voided', 'swab_unknown', 'tube_full', 'single_tube_only', 'second_person_needed'],
    ['swab.moved', 'discrepancy.opened']),
  sealTube: step('station', '封管', 'A tube is closed for good, with the reason.',
    ['tube', 'reason', 'counted'],
    ['round_closed', 'tube_unknown', 'tube_voided', 'tube_sealed', 'tube_empty', 'count_differs'],
    ['tube.sealed', 'discrepancy.opened']),
  voidTube: step('station', '作废试管', 'A tube is taken off the record; those in it are to be sampled again.',
    ['tube', 'reason', 'secondBy', 'note'],
    ['round_closed', 'tube_unknown', 'tube_voided', 'second_person_needed'],
    ['tube.voided', 'discrepancy.opened']),
  resolveDiscrepancy: step('follow-up', '解决矛盾', 'A person settles a contradiction on the record.',
    ['discrepancy', 'resolution', 'resident', 'note'],
    ['round_closed', 'discrepancy_unknown', 'discrepancy_resolved', 'resident_unknown', 'already_sampled'],
    ['discrepancy.resolved']),
  settleQuarantined: step('follow-up', '处理隔离记录', 'A person decides about a record nobody could read.',
    ['device', 'epoch', 'number', 'decision', 'note'],
    ['round_closed', 'record_unknown', 'record_settled'],
    ['record.settled']),
  writeOffDevice: step('follow-up', '核销设备', 'Two people stop waiting for the records of a device.',
    ['device', 'epoch', 'reason', 'secondBy'],
    ['round_closed', 'device_present', 'device_unknown', 'second_person_needed', 'nothing_missing'],
    ['device.writtenOff']),
  runDue: step('clock', '执行到期事项', 'What has become due is applied, a bounded number at a time.',
    ['limit'],
    [],
    ['tube.warned', 'tube.overdue', 'tube.sealed', 'tube.voided', 'ticket.moved', 'ticket.gone', 'station.stalled', 'resident.expected']),
  advanceClock: step('clock', '拨动演练时钟', "A rehearsal's clock moves on.",
    ['to'],
    ['round_closed', 'not_a_rehearsal', 'clock_backwards'],
    ['clock.advanced']),
} as const satisfies Record<StepName, Step>;

/**
 * Steps whose report is a fact: it has happened at a table, so it is recorded whatever the record says, and a contradiction opens a
 * discrepancy. The other steps are decisions about the record itself; reporting one is the same as asking it.
 */
export const facts: readonly StepName[] = ['registerWalkIn', 'issueTicket', 'openTube', 'takeSwab', 'voidSwab', 'moveSwab', 'sealTube', 'voidTube'];
