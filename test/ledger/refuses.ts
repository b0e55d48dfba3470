// A step's refusals, in the order of its table: what the test of every step does with its rows.

import type { Test } from 'tap';
import type { RefusalWord } from '../../src/domain/refusals.js';
import type { BodyInput, StepName } from '../../src/domain/requests.js';
import { facts, steps } from '../../src/domain/steps.js';
import { lastPosition, readEvents } from '../../src/ledger/stream.js';
import { build, contradictionsOf, type Device, type Rig, type RigOptions, wordOf } from '../support.js';

export interface Row<S extends StepName> {
  word: RefusalWord;
  body: BodyInput<S>;
  /** Refusals further down the table that are true of it as well, so that the row shows who speaks first. */
  also?: RefusalWord[];
  /** What its report opens, where that is not `[word, ...also]`. */
  reported?: RefusalWord[];
  /** Who takes it, where it is not the world's device. */
  by?: Device;
  /** Not a no when asked: the word is said to reports only. */
  onlyReported?: true;
}

export interface World<S extends StepName> {
  rig: Rig;
  device: Device;
  rows: Row<S>[];
  /** A request of this step, where it has no row to take one from. */
  body?: BodyInput<S>;
}

/**
 * Asks and, where the step is a fact, reports each row in a world of its own. A refusal of the table without a row, or a row out of
 * order, fails. `closed`: what kind of round the last one is. `round_closed` needs no row: the first row's request is sent into a closed round.
 */
export async function refusesInOrder<S extends StepName>(t: Test, step: S, world: (t: Test) => Promise<World<S>>, closed: RigOptions = {}): Promise<void> {
  const table: readonly RefusalWord[] = steps[step].refuses;
  const named = table.filter((word) => word !== 'round_closed');

  await t.test('asked, each is a no that writes nothing, and the first in the table speaks', async (t) => {
    const { rig, device, rows } = await world(t);
    t.same(rows.map(({ word }) => word), named, 'every refusal of the table has its row, in order');
    for (const { word, body, also = [], by = device, onlyReported } of rows) {
      for (const later of also) t.ok(table.indexOf(later) > table.indexOf(word), `${later} comes after ${word}`);
      if (onlyReported) continue;
      const before = await lastPosition(rig.redis, rig.cell);
      t.equal(wordOf(await by.ask(step, body)), word);
      // That a device is heard for the first time is recorded whatever it says.
      const events = (await readEvents(rig.redis, rig.cell, before)).filter(({ event }) => event !== 'device.met');
      t.same(events, [], 'no event');
    }
  });

  if (table.includes('round_closed')) {
    await t.test('in a closed round', async (t) => {
      const { rows, body: only } = await world(t);
      const rig = await build(t, closed);
      await rig.post.done('closeRound', {});
      const body = rows[0]?.body ?? (only as BodyInput<S>);
      t.equal(wordOf(await rig.device('late').ask(step, body)), 'round_closed');
      const reported = await rig.device('late').report(step, body);
      if (facts.includes(step)) t.equal(contradictionsOf(reported)[0], 'round_closed', 'a fact is recorded, and a person looks at it');
      else t.equal(wordOf(reported), 'round_closed', 'a decision stays a no');
    });
  }

  if (!facts.includes(step)) return;
  await t.test('reported, each opens a discrepancy of its word', async (t) => {
    const words = (await world(t)).rows.map(({ word }) => word);
    for (const [i, word] of words.entries()) {
      await t.test(word, async (t) => {
        const { device, rows } = await world(t);
        const { body, also = [], reported = [word, ...also], by = device } = rows[i] as Row<S>;
        t.same(contradictionsOf(await by.report(step, body)), reported);
      });
    }
  });
}

/** Sends the device's last request again: the same answer, marked as a repeat, and no further event. */
export async function repeats(t: Test, { rig, device }: { rig: Rig; device: Device }): Promise<void> {
  const first = device.receipt.answers[0];
  const before = await lastPosition(rig.redis, rig.cell);
  t.same(await device.again(), { ...first, again: true }, 'a repeat hears the same');
  t.equal(await lastPosition(rig.redis, rig.cell), before, 'and changes nothing');
}
