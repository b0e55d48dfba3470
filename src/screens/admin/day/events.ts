// Events as sentences, for the story of a resident, a tube, a box. Every event of the stream has one, or this does not compile.

import type { EventName } from '../../../domain/events.js';
import type { Phrase } from '../../words/language.js';

export const eventWords = {
  'round.opened': { zh: '轮次开启', en: 'Round opened' }, 'round.closed': { zh: '轮次结束', en: 'Round closed' }, 'clock.advanced': { zh: '拨动演练时钟', en: 'Clock moved' },
  'device.met': { zh: '设备首次联系', en: 'Device met' }, 'device.writtenOff': { zh: '设备核销', en: 'Device written off' }, 'record.quarantined': { zh: '记录被隔离', en: 'Record set aside' },
  'record.settled': { zh: '隔离记录已处理', en: 'Set-aside record settled' }, 'site.named': { zh: '采样点', en: 'Site named' }, 'village.named': { zh: '村', en: 'Village named' },
  'team.assigned': { zh: '小组负责', en: 'Team assigned' }, 'station.opened': { zh: '开台', en: 'Station opened' }, 'station.paused': { zh: '停台', en: 'Station paused' },
  'station.draining': { zh: '不再收人', en: 'Station takes nobody new' }, 'station.closed': { zh: '关台', en: 'Station closed' }, 'station.stalled': { zh: '采样台停滞', en: 'Station stalled' },
  'codes.reserved': { zh: '领用号段', en: 'Numbers reserved' }, 'codes.printed': { zh: '打印', en: 'Printed' }, 'residents.enrolled': { zh: '导入名单', en: 'Enrolled' },
  'resident.registered': { zh: '登记临时人员', en: 'Registered as a walk-in' }, 'resident.excused': { zh: '登记免检', en: 'Excused' }, 'resident.expected': { zh: '免检到期', en: 'Expected again' },
  'resident.freed': { zh: '解除召回', en: 'Freed from a recall' },
  'ticket.issued': { zh: '取号', en: 'Ticket issued' }, 'ticket.called': { zh: '叫号', en: 'Called' }, 'ticket.skipped': { zh: '未到', en: 'Absent when called' }, 'ticket.moved': { zh: '转台', en: 'Moved to another station' },
  'ticket.gone': { zh: '号作废', en: 'Ticket ended' }, 'tube.opened': { zh: '打开试管', en: 'Tube opened' }, 'swab.taken': { zh: '采样', en: 'Swab taken' }, 'swab.voided': { zh: '撤销采样', en: 'Swab taken off' },
  'swab.moved': { zh: '更正到另一管', en: 'Swab moved to another tube' }, 'tube.sealed': { zh: '封管', en: 'Tube sealed' }, 'tube.voided': { zh: '试管作废', en: 'Tube taken off' }, 'tube.warned': { zh: '开管过久提醒', en: 'Open for long' },
  'tube.overdue': { zh: '应封未封', en: 'Should be sealed' }, 'discrepancy.opened': { zh: '出现矛盾', en: 'Discrepancy opened' }, 'discrepancy.resolved': { zh: '矛盾已解决', en: 'Discrepancy resolved' },
  'device.suspect': { zh: '设备编号重复，可疑', en: 'Device suspect' }, 'device.paired': { zh: '配对', en: 'Paired' }, 'device.moved': { zh: '调动', en: 'Device moved' }, 'device.revoked': { zh: '吊销', en: 'Revoked' },
  'role.set': { zh: '设置账号', en: 'Account set' }, 'personal.revealed': { zh: '查看个人信息', en: 'Looked at in clear' }, 'box.opened': { zh: '开箱', en: 'Box opened' }, 'tube.packed': { zh: '装箱', en: 'Packed' },
  'tube.unpacked': { zh: '取出', en: 'Taken out' }, 'box.sealed': { zh: '封箱', en: 'Box sealed' }, 'box.handedOver': { zh: '交接', en: 'Handed over' }, 'box.redirected': { zh: '改送', en: 'Redirected' },
  'box.late': { zh: '箱超时', en: 'Box late' }, 'tube.late': { zh: '试管超时', en: 'Tube late' }, 'tube.leaked': { zh: '泄漏', en: 'Leaked' }, 'tube.lost': { zh: '丢失', en: 'Lost' }, 'tube.found': { zh: '找到', en: 'Found' },
  'tube.missing': { zh: '实验室缺管', en: 'Missing at the laboratory' }, 'recall.opened': { zh: '召回', en: 'Recall opened' }, 'resident.recalled': { zh: '被召回', en: 'Called back' }, 'contact.recorded': { zh: '联系', en: 'Contact' },
  'recall.settled': { zh: '单采有结果', en: 'Single result' }, 'recall.late': { zh: '召回超时', en: 'Recall late' }, 'recall.closed': { zh: '召回结束', en: 'Recall closed' }, 'box.received': { zh: '箱到实验室', en: 'Box received' },
  'tube.received': { zh: '实验室接收', en: 'Received' }, 'tube.rejected': { zh: '拒收', en: 'Rejected' }, 'box.reconciled': { zh: '箱已核对', en: 'Box compared' }, 'result.released': { zh: '结果放行', en: 'Result released' },
  'result.waits': { zh: '结果等待', en: 'Result waits' }, 'result.held': { zh: '结果待复核', en: 'Result held' }, 'result.parked': { zh: '结果暂存', en: 'Result parked' }, 'box.expected': { zh: '预告送检', en: 'Box announced' },
  'records.carried': { zh: '他机代传记录', en: 'Records brought by another device' },
  'residents.merged': { zh: '合并重复人员', en: 'Entries merged' }, 'swab.reassigned': { zh: '采样归到合并后的人', en: 'Swab belongs to the other entry' },
  'tube.registered': { zh: '站点已报此管', en: 'Registered by its site' }, 'tube.claimed': { zh: '登记外来管码', en: 'Foreign code claimed' }, 'claim.lost': { zh: '管码冲突', en: 'Claim lost' },
} as const satisfies Record<EventName, Phrase>;
