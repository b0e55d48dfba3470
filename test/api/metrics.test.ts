// What the service tells of itself is for administrators, and names nobody.

import t from 'tap';
import { fresh, guarded, wordIn } from './guarded.js';

t.test('metrics are for administrators, and hold routes, words and numbers only', async (t) => {
  const { door, send, person, pair, tool } = await guarded(t, { stations: ['3'] });
  const { device, headers } = await pair('station', { site: 's1', station: '3' });
  await send(headers, 'POST', door.at('/outbox'), { device, epoch: 'e1', requests: [] });
  const nowhere = `/api/${fresh('madeup')}`;
  await send({}, 'GET', nowhere);
  await send(tool, 'GET', door.at('/residents/1/person'));
  for (const one of [headers, (await person([{ role: 'command_post' }])).headers]) t.equal(wordIn(await send(one, 'GET', '/metrics')), '403 not_allowed');
  t.equal(wordIn(await send({}, 'GET', '/metrics')), '401 badge_missing');
  const { body, statusCode } = await send((await person([{ role: 'administrator' }])).headers, 'GET', '/metrics');
  t.equal(statusCode, 200);
  t.match(body, /swabline_answers_total\{method="POST",route="\/api\/cells\/:round\/:area\/outbox",status="200"\} 1\n/);
  t.match(body, /swabline_answer_seconds_bucket\{[^}]*le="\+Inf"\} \d+/);
  for (const name of [device, door.cell.round, nowhere]) t.notMatch(body, name);
  for (const line of body.trim().split('\n')) t.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/);
});
