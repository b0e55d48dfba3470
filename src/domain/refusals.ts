// Every reason for "no", in order of precedence, with the sentence a tablet shows and what to do next.
//
// The same words name a discrepancy: what an ask is refused for is what a report is recorded with. A word is never reused for
// another meaning; a step's header in `ledger/*.lua` lists those it can answer, in the order of this file.

export interface RefusalText {
  /** What is the matter, Chinese first. */
  zh: string;
  en: string;
  /** What the person can do now. */
  nextZh: string;
  nextEn: string;
  /** May the very same request succeed later without anything being corrected? */
  retry?: true;
}

const text = (zh: string, en: string, nextZh: string, nextEn: string, retry?: true): RefusalText =>
  retry ? { zh, en, nextZh, nextEn, retry } : { zh, en, nextZh, nextEn };

export const refusals = {
  // the envelope
  cell_halted: text('本单元已停止写入', 'This cell has stopped taking records', '请联系技术人员；记录仍保存在本机', 'Call the operator; your records stay on this device', true),
  cell_unknown: text('没有这个轮次或区域', 'There is no such round or area', '请核对设备所属的轮次', 'Check which round this device belongs to'),
  layout_differs: text('服务版本与数据不符', 'The service and the record are of different versions', '请联系技术人员', 'Call the operator', true),
  number_too_far: text('记录编号跳得太远', 'The record number is too far ahead', '请先发送较早的记录', 'Send the earlier records first', true),
  id_reused: text('同一编号的内容不同', 'This record number was used for other content', '请由负责人核对此设备', 'A supervisor must look at this device'),
  wrong_cell: text('此操作不属于本单元', 'This step belongs to another cell', '请联系技术人员', 'Call the operator'),
  // who asks
  not_allowed: text('没有权限', 'Your role may not do this', '请找有权限的人员', 'Ask somebody whose role it is'),
  staff_unknown: text('没有这张工作牌', 'This staff card is not known', '请扫描登记过的工作牌', 'Scan a staff card that is registered'),
  device_not_paired: text('没有配对过这台设备', 'This device has not been paired', '请核对设备名称', 'Check the device'),
  device_revoked: text('此设备已被吊销', 'This device has been revoked', '请由指挥部重新配对', 'Have the command post pair it anew'),
  move_backwards: text('调动时间早于上一次', 'The move is earlier than the one before', '请给出更晚的时间', 'Give a later time'),
  card_taken: text('此工作牌已属于他人', 'This staff card belongs to somebody else', '请换一张工作牌', 'Take another card'),
  last_administrator: text('不能去掉最后一位管理员', 'The last administrator cannot be taken away', '请先设置另一位管理员', 'Make another administrator first'),
  // the round
  round_exists: text('该轮次已开启', 'This round is already open', '无需重复开启', 'Nothing to do'),
  round_closed: text('本轮次已结束', 'This round is closed', '请等待下一轮', 'Wait for the next round'),
  not_a_rehearsal: text('只有演练才能拨动时钟', 'Only a rehearsal lets its clock be moved', '请在演练轮次中操作', 'Do this in a rehearsal'),
  clock_backwards: text('时钟不能倒退', 'The clock does not go back', '请给出更晚的时间', 'Give a later time'),
  tubes_unfinished: text('仍有试管没有最终状态', 'Some tubes have no terminal state yet', '请先处理列出的试管', 'Settle the tubes listed'),
  devices_unfinished: text('仍有设备的记录未收到', 'Some devices have records not received', '请让设备联网，或由两人核销', 'Bring the devices online, or write them off with two people'),
  results_unfinished: text('仍有暂存或待复核的结果', 'Some results are parked or held', '请先处理列出的结果', 'Settle the results listed'),
  boxes_unfinished: text('仍有未核对的箱', 'Some boxes are not reconciled', '请先核对列出的箱', 'Reconcile the boxes listed'),
  recalls_open: text('仍有未结束的召回', 'Some recalls are still open', '请先结束列出的召回', 'Finish the recalls listed'),
  discrepancies_open: text('仍有未解决的矛盾记录', 'Some discrepancies are still open', '请先解决列出的矛盾', 'Resolve the discrepancies listed'),
  // people who act
  second_person_needed: text('需要第二人确认', 'A second person must confirm', '请另一位工作人员确认', 'Ask another member of staff to confirm'),
  // places
  site_unknown: text('没有这个采样点', 'There is no such site', '请核对采样点编号', 'Check the site'),
  station_unknown: text('没有这个采样台', 'There is no such station', '请核对采样台编号', 'Check the station'),
  station_elsewhere: text('该采样台属于另一采样点', 'This station belongs to another site', '请核对采样台编号', 'Check the station'),
  too_many_stations: text('采样台数量已达上限', 'No more stations fit in this area', '请拆分区域', 'Split the area'),
  station_not_open: text('采样台未开放', 'This station is not open', '请先开放采样台', 'Open the station first'),
  station_open: text('采样台正开放', 'This station is already open', '无需操作', 'Nothing to do'),
  no_station_open: text('没有可用的采样台', 'No station is open for this resident', '请稍候，或改派其他采样点', 'Wait, or send to another site', true),
  queue_empty: text('没有人在等候', 'Nobody is waiting here', '请稍候', 'Wait for the next person', true),
  // people
  resident_unknown: text('名单上没有此人', 'This person is not on the roster', '请登记为临时人员', 'Register as a walk-in'),
  resident_known: text('此人已在名单上', 'This person is already on the roster', '请直接使用已有登记', 'Use the entry shown'),
  resident_deceased: text('名单标注此人已故', 'The roster says this person has died', '请停下核对证件', 'Stop and check the document'),
  already_sampled: text('此人本轮已采样', 'This person has already been sampled in this round', '请勿重复采样', 'Do not take another swab'),
  ticket_open: text('此人已有排队号', 'This person already has a ticket', '请使用已有的号', 'Use the ticket shown'),
  ticket_unknown: text('此人没有排队号', 'This person has no open ticket', '请先取号', 'Issue a ticket first'),
  ticket_not_called: text('此号还没有被叫到', 'This ticket has not been called', '请先叫号', 'Call it first'),
  ticket_number_used: text('此排队号已被使用', 'This ticket number has been used', '请换一个号', 'Use the next number'),
  // tubes and swabs
  wrong_fence: text('演练码与正式码不能混用', 'Rehearsal codes and real codes do not mix', '请换用本轮次的试管', 'Use a tube of this round'),
  tube_code_used: text('此试管码已被使用', 'This tube code has been used', '请换一支新试管', 'Take a new tube'),
  tube_unknown: text('没有打开过这支试管', 'This tube has not been opened', '请先扫描试管', 'Scan the tube first'),
  tube_voided: text('此试管已作废', 'This tube was voided', '请换一支新试管', 'Take a new tube'),
  tube_sealed: text('此试管已封管', 'This tube is sealed', '请换一支新试管', 'Take a new tube'),
  tube_full: text('此试管已满', 'This tube is full', '请换一支新试管', 'Take a new tube'),
  tube_not_owned: text('此试管属于另一台设备', 'This tube belongs to another device', '请在原设备上操作', 'Work on the device that opened it'),
  tube_empty: text('此试管里没有样本', 'This tube holds no swab', '可作废此试管', 'Void the tube instead'),
  count_differs: text('实物支数与记录不符', 'The swabs in the tube are not as many as recorded', '请清点后再封管', 'Count again, then seal'),
  size_not_allowed: text('本轮不允许这种混采数', 'This pool size is not allowed in this round', '请选择允许的规格', 'Choose an allowed size'),
  single_tube_only: text('此人必须单人单管', 'This person must have a tube alone', '请换单管', 'Take a single tube'),
  risk_group_differs: text('此人与试管的风险类别不同', 'This person is of another risk group than the tube', '请换一支试管', 'Take another tube'),
  household_differs: text('此管属于另一户', 'This tube belongs to another household', '请封管后换新管', 'Seal it and take a new tube'),
  party_does_not_fit: text('同行家庭装不下这支试管', 'The party does not fit into this tube', '请封管后换新管', 'Seal it and take a new tube'),
  swab_unknown: text('此人不在这支试管里', 'This person has no swab in this tube', '请核对试管和人员', 'Check the tube and the person'),
  same_tube: text('两支试管相同', 'Both tubes are the same', '请扫描另一支试管', 'Scan the other tube'),
  // boxes and custody
  box_in_use: text('此箱正在使用', 'This box is in use', '请使用另一个箱子', 'Take another box'),
  box_unknown: text('没有打开过这个箱子', 'This box has not been opened', '请先扫描箱码开箱', 'Open the box first'),
  box_sealed: text('此箱已封箱', 'This box is sealed', '请使用另一个箱子', 'Take another box'),
  box_not_sealed: text('此箱还没有封箱', 'This box is not sealed yet', '请先封箱', 'Seal the box first'),
  box_empty: text('此箱里没有试管', 'This box holds no tube', '请先装入试管', 'Pack a tube first'),
  box_full: text('此箱已满', 'This box is full', '请使用另一个箱子', 'Take another box'),
  box_count_differs: text('实物管数与记录不符', 'The tubes on the bench are not as many as recorded', '请逐管核对后再封箱', 'Compare tube by tube, then seal'),
  box_arrived: text('此箱已送达实验室', 'This box has arrived at the laboratory', '无需操作', 'Nothing to do'),
  tube_not_sealed: text('此试管还没有封管', 'This tube is not sealed yet', '请先封管', 'Seal the tube first'),
  tube_packed: text('此试管已在箱内', 'This tube is in a box already', '请先从原箱取出', 'Take it out of that box first'),
  tube_not_packed: text('此试管不在这个箱子里', 'This tube is not in this box', '请核对箱码', 'Check the box'),
  tube_lost: text('此试管已报丢失', 'This tube was reported lost', '如已找到，请先登记找回', 'If it is there, report it found first'),
  tube_not_lost: text('此试管没有报丢失', 'This tube was not reported lost', '无需操作', 'Nothing to do'),
  tube_leaked: text('此试管已报泄漏', 'This tube was reported leaked', '请隔离放置', 'Keep it apart'),
  tube_received: text('实验室已接收此试管', 'The laboratory has received this tube', '无需操作', 'Nothing to do'),
  tube_rejected: text('实验室已拒收此试管', 'The laboratory has rejected this tube', '无需操作', 'Nothing to do'),
  tube_resulted: text('此试管已有结果', 'This tube has its result', '无需操作', 'Nothing to do'),
  same_person: text('交接双方是同一人', 'Both sides are the same person', '请由另一人接收', 'Another person must take it'),
  not_a_party: text('操作人不是交接的任何一方', 'Who speaks is neither of the two', '请交接双方之一刷卡确认', 'One of the two must scan their card'),
  custody_elsewhere: text('记录显示箱子在他人手中', 'The record says somebody else holds this box', '请由持箱人交接', 'Let the holder hand it over'),
  manifest_differs: text('清单校验码不一致', 'The manifest is not the one on record', '请重新核对箱内试管', 'Compare the tubes with the list'),
  handover_offered: text('已登记交接，等待对方确认', 'The hand-over is noted and waits for the other person', '请对方刷卡确认', 'Let the other person confirm', true),
  // the laboratory
  box_received: text('此箱已接收', 'This box has been received already', '无需操作', 'Nothing to do'),
  box_not_received: text('此箱还没有接收', 'This box has not been received', '请先扫描箱码', 'Scan the box first'),
  box_reconciled: text('此箱已核对', 'This box has been reconciled', '无需操作', 'Nothing to do'),
  tube_not_received: text('实验室还没有接收此试管', 'The laboratory has not received this tube', '请先接收试管，或暂存结果', 'Receive the tube first, or park the result'),
  accession_used: text('此检验编号已用于另一支试管', 'This accession number belongs to another tube', '请核对检验编号', 'Check the accession number'),
  accession_differs: text('检验编号与接收时不同', 'The accession number is not the one given at intake', '请核对检验编号', 'Check the accession number'),
  result_recorded: text('此结果已登记', 'This result is on record already', '无需操作', 'Nothing to do'),
  result_differs: text('同一批次已登记了不同的结果', 'This run has given another result for this tube', '请核对后以新的批次登记', 'Check, and record it under a new run'),
  result_unknown: text('没有这个结果', 'There is no such result', '请刷新列表', 'Reload the list'),
  result_not_held: text('此结果不在待复核中', 'This result is not held', '无需操作', 'Nothing to do'),
  tube_contested: text('两个区域都登记了此试管码', 'Two areas call this tube theirs', '请先解决矛盾', 'Resolve the discrepancy first'),
  time_in_future: text('检测时间在未来', 'The time of the test is in the future', '请核对日期和时间', 'Check date and time'),
  // recalls
  recall_unknown: text('没有这次召回', 'There is no such recall', '请刷新列表', 'Reload the list'),
  recall_open: text('此试管的人员已在召回中', 'The people of this tube are being recalled', '请使用已有的召回', 'Use the recall shown'),
  recall_closed: text('此召回已结束', 'This recall is closed', '无需操作', 'Nothing to do'),
  not_recalled: text('此人不在这次召回中', 'This person is not part of this recall', '请核对人员', 'Check the person'),
  // the desk of the supervisor
  discrepancy_unknown: text('没有这条矛盾记录', 'There is no such discrepancy', '请刷新列表', 'Reload the list'),
  discrepancy_resolved: text('此矛盾已解决', 'This discrepancy has been resolved', '无需操作', 'Nothing to do'),
  record_unknown: text('没有这条待处理记录', 'There is no such quarantined record', '请刷新列表', 'Reload the list'),
  record_settled: text('这条记录已处理', 'This record has been settled', '无需操作', 'Nothing to do'),
  device_present: text('这台设备正在联系', 'This device is in contact', '请让它发送记录', 'Let it send its records'),
  device_unknown: text('没有见过这台设备', 'This device has not been seen', '请核对设备编号', 'Check the device'),
  nothing_missing: text('这台设备没有未收到的记录', 'This device has no records missing', '无需核销', 'Nothing to write off'),
  same_resident: text('两个编号是同一人', 'Both numbers are the same entry', '请选择另一个编号', 'Choose the other entry'),
  resident_merged: text('此人员已合并', 'This entry has been merged already', '请使用合并后的编号', 'Use the entry it stands for'),
  twin_recalled: text('此编号正在召回中', 'This entry is being called back', '请先完成召回再合并', 'Finish the recall, then merge'),
  swabs_changed: text('此人的采样刚有变化', 'The swabs of this entry have just changed', '请再合并一次', 'Merge again', true),
  codes_not_reserved: text('这些号码没有在本区域领用', 'These numbers are not reserved in this area', '请先领用号段', 'Reserve a range first'),
  reprint_needs_reason: text('其中有号码已打印过', 'Some of these numbers have been printed before', '请选择重打的原因', 'Give the reason for printing again'),
  range_exhausted: text('号段已用完', 'The number range is used up', '请联系技术人员', 'Call the operator'),
} as const satisfies Record<string, RefusalText>;

export type RefusalWord = keyof typeof refusals;

/** The words in order of precedence; the journal stores a word by its place in this list, so it only grows at the end of a group's life. */
export const refusalWords = Object.keys(refusals) as RefusalWord[];

export const isRefusalWord = (word: string): word is RefusalWord => Object.hasOwn(refusals, word);
