// Labels of other makers, by the round's own rule: what looks like a shop's barcode is a tube where the round says so, asked or reported, alone or
// with others.
import t from 'tap';
import { guarded } from './guarded.js';
import { type Answer, record } from './support.js';

/** Thirteen digits with the check digit of a shop's barcode, as one label in ten has by chance. */
const label = '6901234567892';

t.test('a label that the round names is a tube', async (t) => {
  const rig = await guarded(t, { residents: 3, stations: ['a1'], round: { rules: { foreignTubes: [{ name: '690/13', prefix: '690', lengthMin: 13, lengthMax: 13 }] } } });
  const { device, headers } = await rig.pair('station', { site: 's1', station: 'a1' });
  const outbox = await rig.send(headers, 'POST', rig.door.at('/outbox'), { device, epoch: 'e', requests: [
    record(1, 'openTube', { tube: label, station: 'a1' }, { mode: 'ask', claimedAt: Date.now() }), record(2, 'takeSwab', { resident: '1', tube: label }, { mode: 'ask', claimedAt: Date.now() }),
  ] });
  t.same(outbox.json<{ answers: Answer[] }>().answers.map(({ outcome }) => outcome), ['applied', 'applied'], outbox.body);
  const alone = await rig.send(headers, 'POST', rig.door.at('/steps/takeSwab'), { device, epoch: 'e', number: 3, claimedAt: Date.now(), body: { resident: '2', tube: label } });
  t.equal(alone.statusCode, 200, alone.body);
  const other = await rig.send(headers, 'POST', rig.door.at('/steps/openTube'), { device, epoch: 'e', number: 4, claimedAt: Date.now(), body: { tube: '4006381333931', station: 'a1' } });
  t.match(other.json(), { word: 'code_mistaken', detail: { kind: 'shopBarcode' } }, 'another shop label is none');
  const usual = await rig.send(headers, 'POST', rig.door.at('/steps/openTube'), { device, epoch: 'e', number: 5, claimedAt: Date.now(), body: { tube: 'AB12345678901', station: 'a1' } });
  t.equal(usual.statusCode, 200, 'what the trade prints is taken as ever: it is the table that is told to look twice');
});

t.test('where the round names none, it is a shop\'s', async (t) => {
  const rig = await guarded(t, { residents: 1, stations: ['a1'] });
  const { device, headers } = await rig.pair('station', { site: 's1', station: 'a1' });
  const alone = await rig.send(headers, 'POST', rig.door.at('/steps/openTube'), { device, epoch: 'e', number: 1, claimedAt: Date.now(), body: { tube: label, station: 'a1' } });
  t.match(alone.json(), { word: 'code_mistaken' });
});

t.test('a rule that is none opens no round', async (t) => {
  const rig = await guarded(t, { round: false });
  for (const foreignTubes of [[], [{ name: 'x', lengthMin: 3, lengthMax: 9 }], [{ name: 'x', prefix: 'q-', lengthMin: 9, lengthMax: 9 }], 'QX/10', [{ name: 'x', lengthMin: 9, lengthMax: 9, pattern: '.*' }]]) {
    const reply = await rig.send(rig.tool, 'POST', rig.door.at('/steps/openRound'), { device: 'post', epoch: 'e', number: 1, claimedAt: 1, body: { name: 'x', sites: [{ site: 's1', name: 'x' }], rules: { foreignTubes } } });
    t.match(reply.json(), { word: 'content_invalid' });
  }
});
