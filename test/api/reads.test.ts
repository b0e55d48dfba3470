// What screens may look at: bounded, paged, and without personal data.
import t from 'tap';
import { openedCells } from '../../src/ledger/reads.js';
import { build, type ProblemReply } from './support.js';

t.test('a cell shows its stations, residents, tubes, devices and their stories', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 12 });
  const tube = door.tube();
  await door.step('openTube', { tube, station: 'a1' });
  for (let i = 1; i <= 10; i++) await door.step('takeSwab', { resident: String(i), tube });
  await door.step('takeSwab', { resident: '1', tube }, { mode: 'report' });

  t.match((await door.get()).json(), { name: 'a round of a test', state: 'open', rehearsal: true, residents: 12, stations: 1, discrepancies: 2, sites: [{ ordinal: 1, site: 's1' }, { ordinal: 2, site: 's2' }], villages: [{ village: 'Upper' }] });
  t.match((await door.get('/stations')).json(), { stations: [{ station: 'a1', state: 'open', waiting: 0 }] });
  t.match((await door.get('/residents/1')).json(), { resident: 1, swabs: 2 });
  const residents = (await door.get('/residents?from=11&count=2')).json<{ residents: { resident: number }[] }>().residents;
  t.strictSame(residents.map(({ resident }) => resident), [11, 12]);
  const story = (await door.get('/residents/1/story')).json<{ events: { event: string; id: string }[] }>().events;
  t.strictSame(story.map(({ event }) => event), ['swab.taken', 'swab.taken']);
  t.match(story[0]?.id, /^\d+-\d+$/);
  t.match((await door.get(`/tubes/${tube}`)).json(), { tube, state: 'sealed', count: 11, members: Array });
  t.match((await door.get(`/tubes/${tube}/story`)).json(), { events: Array });
  t.match((await door.get('/tubes')).json(), { cursor: '0', tubes: [{ tube }] });
  t.match((await door.get('/discrepancies')).json(), { discrepancies: [{ discrepancy: '1', state: 'open', detail: Object }] });
  t.match((await door.get('/unfinished')).json<{ unfinished: object[] }>().unfinished, [{ what: String, since: Number }]);
  const devices = (await door.get('/devices')).json<{ devices: Record<string, number>[] }>().devices;
  for (const { assigned, applied, refused, quarantined, lost, missing } of devices as { [key: string]: number }[]) {
    t.equal(assigned, (applied ?? 0) + (refused ?? 0) + (quarantined ?? 0) + (lost ?? 0) + (missing ?? 0));
  }
});

t.test('all events are read page by page, packed fields as JSON or base64', async (t) => {
  const door = await build(t, { stations: ['a1'], residents: 3 });
  const seen: string[] = [];
  for (let after = '0'; ; ) {
    const page = (await door.get(`/events?after=${after}&count=2`)).json<{ events: Record<string, unknown>[]; after: string }>();
    if (page.events.length === 0) {
      t.equal(page.after, after);
      break;
    }
    t.ok(page.events.length <= 2);
    for (const event of page.events) {
      seen.push(event['event'] as string);
      if (event['event'] === 'round.opened') t.match(event['rules'], { poolSizes: { normal: 10 } });
      if (event['event'] === 'residents.enrolled') t.equal(Buffer.from(event['packed'] as string, 'base64').length, 27);
    }
    after = page.after;
  }
  t.ok(seen.includes('round.opened') && seen.includes('station.opened') && seen.includes('residents.enrolled'), seen.join(' '));
});

t.test('cells are listed by name', async (t) => {
  const door = await build(t);
  const { length } = await openedCells(door.redis);
  const cells: object[] = [];
  for (let from = 0; from < length; from += 200) {
    cells.push(...(await door.app.inject(`/api/cells?from=${from}&count=200`)).json<{ cells: object[] }>().cells);
  }
  t.match(cells.find((cell) => (cell as { round: string }).round === door.cell.round), { ...door.cell, name: 'a round of a test', state: 'open', rehearsal: true });
});

t.test('what is not there is not found, in words', async (t) => {
  const door = await build(t, { residents: 1 });
  for (const path of ['/residents/2', '/residents/2/story', '/tubes/100000000099', '/tubes/100000000099/story', '/residents/x', '/residents/1e3', '/tubes/no']) {
    const reply = await door.get(path);
    t.equal(reply.statusCode, 404, path);
    t.match(reply.json(), { word: 'nothing_there', zh: /\p{Script=Han}/u });
  }
  for (const path of ['', '/stations', '/unfinished', '/devices', '/discrepancies', '/residents', '/residents/1', '/residents/1/story', '/tubes', '/events']) {
    const reply = await door.app.inject(`/api/cells/${door.cell.round}/elsewhere${path}`);
    t.equal(reply.statusCode, 404, path);
    t.equal(reply.json<ProblemReply>().word, 'cell_unknown', path);
  }
});

t.test('a page is bounded, and a bad word in an address is told by its name', async (t) => {
  const door = await build(t, { residents: 1 });
  for (const [query, path] of [
    ['/residents?count=1001', 'count'], ['/residents?from=0', 'from'], ['/residents?from=-1', 'from'], ['/residents?from=1&from=2', 'from'], ['/residents?count=ten', 'count'],
    ['/events?after=now', 'after'], ['/events?after=%2B', 'after'], ['/tubes?cursor=-1', 'cursor'], ['/stations?fields=all', ''], ['/unfinished?count=99999999999999999999', 'count'],
  ] as const) {
    const reply = await door.get(query);
    t.equal(reply.statusCode, 422, query);
    t.match(reply.json(), { detail: { faults: [{ path: path || /^$/ }] } }, query);
  }
});

t.test('reads are refused first when there is too much to do, and swabs are not', async (t) => {
  const door = await build(t, { residents: 200 });
  const reads = await Promise.all(Array.from({ length: 150 }, () => door.get('/residents')));
  const shed = reads.filter(({ statusCode }) => statusCode === 503);
  t.ok(shed.length > 0 && shed.length < 150, `${shed.length} of 150 reads were refused`);
  t.match(shed[0]?.headers['retry-after'], /^\d+$/);
  t.match(shed[0]?.json(), { word: 'reads_shed' });
  t.equal((await door.get('/residents')).statusCode, 200, 'when they are done there is room again');

  const [steps, look] = await Promise.all([
    Promise.all(Array.from({ length: 200 }, (_, i) => door.step('excuseResident', { resident: String(i + 1), reason: 'away' }, { device: `d${i}` }))),
    Promise.all(Array.from({ length: 60 }, () => door.get('/residents'))),
  ]);
  t.ok(steps.every(({ statusCode }) => statusCode === 200));
  t.ok(look.length > 0);
});
