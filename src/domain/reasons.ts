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

/** What of people was looked at in clear. `search`: who has this document; `export`: a list in a file; `erasure`: the keys of a round were destroyed. */
export const revealKinds = ['person', 'search', 'export', 'erasure'] as const;

/** Why somebody looked at personal data in clear. Words instead of text: a reason written by hand would hold the very names it guards. */
export const revealReasons = ['identity_check', 'contact', 'positive_follow_up', 'missing_person', 'correction', 'asked_by_person', 'authority_request', 'report', 'retention_ended', 'other'] as const;
export type RevealReason = (typeof revealReasons)[number];

/** What may be reserved as a range of printed numbers. */
export const codeKinds = ['tube', 'resident', 'box'] as const;
