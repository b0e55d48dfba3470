// More is asked for than can be answered: swabs are taken all the same, reads are told when to come back, and afterwards everything is as
// before. Here four hundred screens ask without a pause, which is more than any service has room for; how fast it goes is for
// bench/overload.ts to say.

import t from 'tap';
import type { CellName } from '../../src/domain/requests.js';
import { openCrowd, stationName, stationsAtWork } from '../../bench/rig/crowd.js';
import { pairDevices, type Place } from '../../bench/rig/devices.js';
import { outboxOf } from '../../bench/rig/flow.js';
import { has, HttpLine, SocketLine } from '../../bench/rig/lines.js';
import { compare } from '../../bench/rig/record.js';
import { buildStand } from '../../bench/rig/stand.js';

const cell: CellName = { round: 'overload', area: 'north' };
const address = `/api/cells/${cell.round}/${cell.area}`;
const stationCount = 10;
const swabsEach = 30;
const people = 3 * stationCount * swabsEach;
const screenCount = 400;

t.test('swabs are taken while far more is read than can be answered, and reads are told when to come back', { timeout: 120_000 }, async (t) => {
  const stand = await buildStand({ pinned: false });
  t.teardown(() => stand.stop());
  await openCrowd(stand.ledger, cell, { people, stations: stationCount });
  const keys = await pairDevices(stand.ledger, stand.redis.url, [
    ...Array.from({ length: stationCount }, (_, i): Place => ({ device: `tab${i}`, role: 'station', cell, station: stationName(i) })),
    ...Array.from({ length: screenCount }, (_, i): Place => ({ device: `screen${i}`, role: 'supervisor', cell })),
  ]);
  const lines = await Promise.all(keys.slice(0, stationCount).map((key) => SocketLine.open(stand.port, `${address}/socket`, key)));
  const screens = keys.slice(stationCount).map((key) => new HttpLine(stand.port, key));
  t.teardown(() => { for (const line of [...lines, ...screens]) line.close(); });
  const { tablets } = stationsAtWork(stationCount);

  const acknowledged: string[] = [];
  const refused: string[] = [];
  /** Every station takes its swabs, one after the other. */
  const swab = () => Promise.all(tablets.map(async (tablet, i) => {
    for (let n = 0; n < swabsEach; n++) {
      const requests = tablet.swabs(1);
      const { resident, tube } = requests.at(-1)?.body as { resident: string; tube: string };
      const answer = await (lines[i] as SocketLine).ask(outboxOf(tablet.device, requests));
      if (answer && !/"refused"|"fault"|"problem"/.test(answer.toString())) acknowledged.push(`${resident} ${tube}`);
      else refused.push(answer?.toString() ?? 'the line ended');
    }
  }));

  const looks = { served: 0, shed: 0, other: [] as string[] };
  const look = async (screen: HttpLine) => {
    const reply = await screen.get(`${address}/residents?from=1&count=500`);
    if (reply.status === 200) looks.served++;
    else if (reply.status === 503 && has(reply, '"reads_shed"') && reply.retryAfter > 0) looks.shed++;
    else looks.other.push(reply.bytes.toString('utf8', 0, 300));
  };
  const shedOfForty = async () => {
    Object.assign(looks, { served: 0, shed: 0 });
    for (const screen of screens.slice(0, 40)) await look(screen);
    return looks.shed;
  };

  await swab();
  t.equal(await shedOfForty(), 0, 'one read after the other is always answered');

  let storm = true;
  Object.assign(looks, { served: 0, shed: 0 });
  const stormed = Promise.all(screens.map(async (screen) => { while (storm) await look(screen); }));
  await swab();
  storm = false;
  await stormed;
  t.ok(looks.shed > 0, `${looks.shed} reads were told when to come back`);
  t.ok(looks.served > 0, `${looks.served} reads were answered all the same`);
  t.same(looks.other, [], 'no read was answered with anything else');

  await swab();
  t.equal(await shedOfForty(), 0, 'and afterwards every read is answered again');
  t.same(refused, [], 'every swab was taken');
  t.match(await compare(stand.ledger.redis, cell, acknowledged), { acknowledged: people, lost: 0, doubled: 0 }, 'each stands on the record once');
});
