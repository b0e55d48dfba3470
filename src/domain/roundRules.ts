// The rules of a round, as the command post may set them when it opens one.

import { z } from 'zod';
import { identifier, label } from './fields.js';
import { assignmentRules, householdRules } from './reasons.js';

/** How many swabs one tube may hold. */
export const poolSize = z.union([z.literal(1), z.literal(5), z.literal(10), z.literal(20)]);
const minutes = z.int().min(1).max(1440);
/** Up to a week. */
const longMinutes = z.int().min(1).max(10_080);

/** The rules of a round. Every limit in minutes; defaults are those of the guidelines in domain research 1.3-1.5. */
export const roundRules = z.strictObject({
  /** Pool size by risk group: 10-in-1 or 20-in-1 for ordinary rounds, 5 or 10 for key groups, single for high risk. */
  poolSizes: z.strictObject({ normal: poolSize.default(10), key: poolSize.default(10), high: poolSize.default(1) }).prefault({}),
  household: z.enum(householdRules).default('together'),
  assignment: z
    .strictObject({
      rule: z.enum(assignmentRules).default('nearest'),
      /** How many sites of the village's own are tried under `nearest`. */
      nearest: z.int().min(1).max(20).default(3),
      /** No site farther than this under `nearest`; 15 minutes on foot in the plain (W3). */
      walkMetersMax: z.int().min(100).max(100_000).default(3000),
    })
    .prefault({}),
  /** Seconds one person takes at a station that has not been measured yet; 95-100 persons an hour (domain research 1.4). */
  secondsPerPerson: z.int().min(5).max(600).default(37),
  /** A priority ticket stands where it would stand had it come this much earlier: ahead, without starving the others. */
  priorityLeadMinutes: z.int().min(0).max(240).default(30),
  /** Called and absent this often: skipped. */
  absencesMax: z.int().min(1).max(10).default(3),
  /** A skipped ticket is kept this long. */
  keepSkippedMinutes: minutes.default(30),
  tubeWarnMinutes: minutes.default(45),
  tubeSealMinutes: minutes.default(60),
  /** A device not heard of for this long is silent. */
  silentMinutes: minutes.default(5),
  /** A station with people waiting and no swab for this long is stalled. */
  stallMinutes: minutes.default(10),
  /** The laboratory the boxes of this area go to: the area of its cell. Sealing or handing over may name another. */
  laboratory: identifier.optional(),
  /** Tubes a box holds; twenty a bag and five bags (W5). */
  boxTubes: z.int().min(1).max(500).default(100),
  /** A sealed tube not in a box for this long is late. */
  packMinutes: minutes.default(30),
  /** A box that has not arrived this long after the first swab in it: warned of at two hours (W9), in breach at four (G8). */
  roadAmberMinutes: minutes.default(120),
  roadRedMinutes: minutes.default(240),
  /** A box that has arrived and is not compared with its manifest. */
  reconcileMinutes: minutes.default(30),
  /** A tube the laboratory has taken in and no site's record has told of. */
  unregisteredMinutes: minutes.default(30),
  /** A tube received and without a result; pooled tubes are promised within a day (W33). */
  resultMinutes: longMinutes.default(1440),
  /** A tube missing at the laboratory counts as lost after this. */
  lostMinutes: longMinutes.default(240),
  /** Recalled people are to be found within this time, again and again until they are. */
  recallMinutes: longMinutes.default(120),
  /** The hour by which nobody is to be left, where the round is: the wall shows the rate that is needed for it. */
  finishBy: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/).optional(),
  /** Labels of other makers that are tubes here, and at the tables no others; left out: 12 to 16 digits and capitals (domain/codes.ts). */
  foreignTubes: z.array(z.strictObject({
    name: label(40), prefix: z.string().regex(/^[0-9A-Z]{1,12}$/).optional(), lengthMin: z.int().min(8).max(20), lengthMax: z.int().min(8).max(20), letters: z.boolean().default(true),
  })).min(1).max(20).optional(),
  /** Must the staff card on a record be a registered one? What is reported as done is recorded whoever held the card. */
  knownStaff: z.boolean().default(false),
});
export type RoundRules = z.infer<typeof roundRules>;
