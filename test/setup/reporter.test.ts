// The reporter is fed TAP as tap writes it: its closing line is what people and machines read.
import t from 'tap';
// @ts-expect-error the reporter is plain JavaScript, since tap loads it as it is
import Reporter from '../../../test/reporter.mjs';

// The run that these tests are part of counts on from an earlier one; theirs begin at nothing.
delete process.env['SWABLINE_COUNTS_FROM'];
delete process.env['SWABLINE_COUNTS_TO'];

async function report(tap: string): Promise<string> {
  const reporter = new Reporter();
  reporter.end(tap);
  let out = '';
  for await (const chunk of reporter) out += String(chunk);
  return out;
}
const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);

const file = (body: string, end: string): string =>
  `TAP version 14\n# Subtest: a.test.js\n${body.replace(/^/gm, '    ')}\n${end}\n1..1\n`;

const leaf = (name: string, inside: string, end: string): string =>
  `# Subtest: ${name}\n${inside.replace(/^/gm, '    ')}\n${end}`;

t.test('named tests are counted, not their assertions', async (t) => {
  const two = `${leaf('one', 'ok 1 - a\nok 2 - b\n1..2', 'ok 1 - one')}\n${leaf('two', 'ok 1 - a\n1..1', 'ok 2 - two')}\n1..2`;
  t.equal(lastLine(await report(file(two, 'ok 1 - a.test.js # time=10ms'))), '2 passed, 0 failed');
});

t.test('a failure is printed with its path and counted once', async (t) => {
  const bad = `${leaf('one', 'not ok 1 - a\n  ---\n  found: 1\n  wanted: 2\n  ...\n1..1', 'not ok 1 - one')}\n1..1`;
  const out = await report(file(bad, 'not ok 1 - a.test.js # time=10ms'));
  t.match(out, /failed: a\.test\.js > one > a/);
  t.match(out, /wanted: 2/);
  t.equal(lastLine(out), '0 passed, 1 failed');
});

t.test('a skipped test is neither passed nor failed', async (t) => {
  const skipped = `ok 1 - later # SKIP no network\n${leaf('two', 'ok 1 - a\n1..1', 'ok 2 - two')}\n1..2`;
  t.equal(lastLine(await report(file(skipped, 'ok 1 - a.test.js # time=10ms'))), '1 passed, 0 failed, 1 skipped');
});

t.test('a file that dies outside its tests is a failure', async (t) => {
  const died = `${leaf('one', 'ok 1 - a\n1..1', 'ok 1 - one')}\n1..1`;
  t.equal(lastLine(await report(file(died, 'not ok 1 - a.test.js\n  ---\n  exitCode: 1\n  ...'))), '1 passed, 1 failed');
});

t.test('output that is not TAP at all is a failure', async (t) => {
  t.equal(lastLine(await report('nothing here\n')), '0 passed, 1 failed');
});
