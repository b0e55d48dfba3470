// The closed lists of reasons a step may carry. A reason is a word on the record; its sentence stands in the screens' dictionary.

/** Why a tube was closed. `full`, `timer`, `station_closed`, `next_tube` and `party` are given by the record itself. */
export const sealReasons = ['full', 'early', 'household', 'party', 'risk_group', 'shift_end', 'damage', 'timer', 'station_closed', 'next_tube'] as const;
export type SealReason = (typeof sealReasons)[number];

/** Why a swab was taken off the record. */
export const voidSwabReasons = ['wrong_person', 'not_taken', 'scanned_twice', 'wrong_tube', 'swab_dropped', 'other'] as const;

/** Why a swab was moved to another tube. */
export const moveSwabReasons = ['wrong_tube_scanned', 'tube_mixed_up', 'other'] as const;

/** Why a whole tube was taken off the record; `replaced` is given by the record when the next tube is opened over an empty one. */
export const voidTubeReasons = ['broken', 'contaminated', 'label_unreadable', 'unused', 'opened_by_mistake', 'replaced', 'other'] as const;

/** Why a resident need not come. `until` ends the temporary ones. Sources: domain research, cases 14, 15 (notices W21, W22). */
export const excuseReasons = ['deceased', 'moved_away', 'vaccinated_48h', 'recovered_3_months', 'sampled_elsewhere', 'medical', 'refused', 'under_age', 'away', 'other'] as const;

/** Why a station stopped taking people. */
export const stationReasons = ['break', 'no_tubes', 'no_sampler', 'fault', 'end_of_day', 'other'] as const;

/** Why a ticket ended without a swab, or was moved. */
export const ticketReasons = ['absent', 'kept_too_long', 'doubled', 'desk', 'station_paused', 'station_closed', 'station_stalled'] as const;

/** How a person settled a discrepancy. `confirmed`: it is so, the record stands as it is. */
export const resolutions = ['confirmed', 'corrected', 'mistaken', 'identified'] as const;

/** Risk groups; a tube holds one. Sizes per group belong to the round. */
export const riskGroups = ['normal', 'key', 'high'] as const;
export type RiskGroup = (typeof riskGroups)[number];

/** Priority classes of a ticket. Source: domain research, case 21 (love lane, W24). */
export const priorityClasses = ['none', 'pregnant', 'over80', 'disabled', 'infant'] as const;
export type PriorityClass = (typeof priorityClasses)[number];

/** What a household's door means for a tube; see `together`, `own`, `ignore` in the README's rules. */
export const householdRules = ['together', 'own', 'ignore'] as const;

/** Within which sites a ticket may be given. */
export const assignmentRules = ['own', 'nearest', 'any'] as const;

/** Why a device may no longer speak. */
export const revokeReasons = ['lost', 'stolen', 'broken', 'end_of_duty', 'suspect', 'other'] as const;

/** What of people was looked at in clear. `search`: who has this document; `export`: a list in a file; `erasure`: the keys of a round were destroyed; `quarantined`: a record nobody could read. */
export const revealKinds = ['person', 'search', 'export', 'erasure', 'quarantined'] as const;

/** Why somebody looked at personal data in clear. Words instead of text: a reason written by hand would hold the very names it guards. */
export const revealReasons = ['identity_check', 'contact', 'positive_follow_up', 'missing_person', 'correction', 'asked_by_person', 'authority_request', 'report', 'retention_ended', 'other'] as const;
export type RevealReason = (typeof revealReasons)[number];

/** What may be reserved as a range of printed numbers. */
export const codeKinds = ['tube', 'resident', 'box'] as const;

/** Why labels or cards were printed again. */
export const reprintReasons = ['damaged', 'lost', 'misprinted', 'used_up', 'other'] as const;

// From sealed tube to result ------------------------------------------------------------------------------------------------------

/** Why a tube was taken out of a box again. */
export const unpackReasons = ['wrong_box', 'leaked', 'not_there', 'other'] as const;

/** What is said of a tube that left its path. Leaked and lost end it and recall its people; found takes a loss back. */
export const tubeReports = ['leaked', 'lost', 'found'] as const;

/** In which state a box arrived. */
export const boxConditions = ['good', 'seal_broken', 'too_warm', 'damaged'] as const;

/** Why the laboratory rejects a tube: HL7 table 0490, with the words a lab would use. */
export const rejectionReasons = {
  EX: { zh: '标本已过期', en: 'Expired' },
  QS: { zh: '标本量不足', en: 'Quantity not sufficient' },
  RA: { zh: '缺少受检者编号', en: 'Missing patient ID number' },
  RB: { zh: '容器破损', en: 'Broken container' },
  RC: { zh: '标本凝固', en: 'Clotting' },
  RD: { zh: '缺少采样日期', en: 'Missing collection date' },
  RE: { zh: '缺少受检者姓名', en: 'Missing patient name' },
  RH: { zh: '溶血', en: 'Hemolysis' },
  RI: { zh: '身份标识有误', en: 'Identification problem' },
  RM: { zh: '标签有误', en: 'Labeling' },
  RN: { zh: '标本污染', en: 'Contamination' },
  RP: { zh: '缺少采样人员编号', en: 'Missing phlebotomist ID' },
  RR: { zh: '保存不当', en: 'Improper storage' },
  RS: { zh: '姓名拼写有误', en: 'Name misspelling' },
} as const satisfies Record<string, { zh: string; en: string }>;
export type RejectionReason = keyof typeof rejectionReasons;
export const rejectionCodes = Object.keys(rejectionReasons) as [RejectionReason, ...RejectionReason[]];

/** What the laboratory does with a tube that has arrived. */
export const intakeOutcomes = ['received', 'rejected'] as const;

/** Why a laboratory's result does not leave it yet: parked until its tube is there and told of, or held for two people. */
export const resultWaits = ['not_received', 'unregistered', 'second_person', 'conflict', 'before_sampling', 'accession_differs', 'contested'] as const;
export type ResultWait = (typeof resultWaits)[number];

/** Why a negative does not leave the record yet; the tube is not as it should be. */
export const waitReasons = ['held', 'not_sealed', 'not_received', 'leaked', 'lost', 'rejected', 'voided'] as const;

/** What the laboratory says of a tube. */
export const testResults = ['negative', 'positive', 'inconclusive', 'invalid'] as const;
export type TestResult = (typeof testResults)[number];

/** Why a person calls a pool back; `lot`: its vials or reagents were recalled. */
export const openRecallReasons = ['lot', 'doubt', 'other'] as const;
/** Why a pool is called back at all; the first six by the record itself. */
export const recallCauses = ['positive', 'inconclusive', 'invalid', 'leaked', 'lost', 'rejected', ...openRecallReasons] as const;
export type RecallCause = (typeof recallCauses)[number];

/** How an attempt to reach a recalled person ended. */
export const contactOutcomes = ['reached', 'on_the_way', 'isolated', 'unreachable', 'wrong_number', 'refused', 'other'] as const;
/** Those on record; `came`: the single swab was taken, which the record notes itself. */
export const contactWords = [...contactOutcomes, 'came'] as const;
/** Those after which the person counts as found. */
export const foundOutcomes: readonly (typeof contactWords)[number][] = ['reached', 'on_the_way', 'isolated', 'came'];

/** How a person ends a recall that the single swabs have not ended. */
export const closeRecallOutcomes = ['handed_over', 'mistaken', 'other'] as const;
/** How a recall ended: by the single swabs of its people (some positive, or all negative), or by a person. */
export const recallOutcomes = ['confirmed', 'not_confirmed', ...closeRecallOutcomes] as const;
