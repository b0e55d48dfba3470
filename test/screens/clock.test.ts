// The time of a tablet whose own clock cannot be trusted.

import t from 'tap';
import { makeTime } from '../../src/screens/outbox/clock.js';

const noon = 1_764_561_600_000;
const minute = 60_000;
const hour = 60 * minute;

/** Clocks that stand until they are moved. */
function hands(wall: number) {
  let [date, counter] = [wall, 1000];
  return {
    wall: () => date, mono: () => counter,
    pass(ms: number) { date += ms; counter += ms; },
    sleep(ms: number) { date += ms; },
    set(to: number) { date = to; },
    restart() { counter = 0; },
  };
}

t.test('a tablet that believes it is 1970', (t) => {
  const clock = hands(5 * hour);
  const time = makeTime(clock, 'a');
  const before = time.stamp();
  t.match(before, { claimedAt: 5 * hour, sure: false, after: 0 });
  clock.pass(20 * minute);
  time.heard(noon, 100);
  t.equal(time.now(), noon + 50, 'half of the way there and back');
  t.equal(time.offset, noon + 50 - (5 * hour + 20 * minute));
  t.equal(time.claimed(before), noon + 50 - 20 * minute, 'what was done before is put right');
  clock.pass(minute);
  t.match(time.stamp(), { claimedAt: noon + 50 + minute, sure: true, after: noon });
  t.end();
});

t.test('somebody sets the clock, and the tablet sleeps', (t) => {
  const clock = hands(noon);
  const time = makeTime(clock, 'a');
  const before = time.stamp();
  time.heard(noon, 0);
  clock.pass(minute);
  clock.set(noon - 400 * 24 * hour);
  t.equal(time.now(), noon + minute, 'set back: the counter says how long it was');
  clock.set(noon + 400 * 24 * hour);
  t.equal(time.now(), noon + minute, 'set forward as well');
  clock.set(noon + minute);
  clock.sleep(2 * hour);
  t.equal(time.now(), noon + minute + 2 * hour, 'asleep, only the date goes on');
  t.equal(time.claimed(before), noon);
  t.end();
});

t.test('from one run of the page to the next', (t) => {
  const clock = hands(5 * hour);
  const first = makeTime(clock, 'a');
  const unheard = first.stamp();
  clock.pass(hour);
  clock.restart();
  const second = makeTime(clock, 'b');
  clock.pass(hour);
  second.heard(noon, 0);
  t.equal(second.claimed(unheard), noon - 2 * hour, 'the date ran on, and its fault is known now');
  clock.pass(minute);
  clock.restart();
  const third = makeTime(clock, 'c', second.known);
  t.equal(third.now(), noon + minute, 'what was known is still true');
  t.match(third.stamp(), { sure: false, after: noon });

  clock.set(noon + 10 * minute);
  const fourth = makeTime(clock, 'd', second.known);
  t.equal(fourth.now(), noon + 10 * minute, 'the clock was put right meanwhile: fifty years are not added to it');
  const made = fourth.stamp();
  clock.set(0);
  const fifth = makeTime(clock, 'e', { at: noon + 10 * minute, offset: 0 });
  clock.pass(minute);
  t.equal(fifth.now(), noon + 11 * minute, 'the battery is flat: never earlier than the service was last heard');
  fifth.heard(noon + hour, 0);
  t.equal(fifth.claimed(made), noon + 10 * minute);
  t.end();
});

t.test('of a record nobody can date it is said that it was not before the last answer', (t) => {
  const clock = hands(5 * hour);
  const lost = makeTime(clock, 'a').stamp();
  clock.set(noon);
  const time = makeTime(clock, 'b');
  time.heard(noon, 0);
  t.equal(time.claimed(lost), noon, 'never heard before: now');
  t.equal(time.claimed({ ...lost, after: noon - hour }), noon - hour);
  t.end();
});

t.test('a slow answer does not spoil what a quick one has told', (t) => {
  const clock = hands(noon);
  const time = makeTime(clock, 'a');
  time.heard(noon + 500, 9000);
  t.equal(time.now(), noon + 5000, 'better than nothing');
  time.heard(noon + 500, 20);
  time.heard(noon + 100, 9000);
  t.equal(time.now(), noon + 510);
  time.heard(0, 0);
  t.equal(time.now(), noon + 510, 'a stopped cell has no time');
  t.end();
});
