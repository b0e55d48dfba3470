// The live page: shows one cell's counts as they change, and says how old they are.
//
// It gets a snapshot and then changes (RFC 7396). When the line is cut it goes on from its position; the numbers it has stay on the screen,
// with their age, until there are newer ones.

import { backoff, columnsFor, inPlace, merge, middlePace, neededRate, shareOf, wordOf, worstFirst } from './counts.js';
import { say as sayIn } from './words.js';

const $ = (id) => document.getElementById(id);
const address = new URL(location.href);
let language = address.searchParams.get('lang') ?? localStorage.getItem('language') ?? 'zh';
if (language !== 'en') language = 'zh';
const say = (word, blanks) => sayIn(language, word, blanks);
const number = (n) => new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en').format(n);

let settings = { timeZone: 'Asia/Shanghai', refusals: {} };
let cell;
let shown; // { counts, position, dataEpoch, at, age, receivedAt }
let waitingForCounts = false;
let villagesFrom = 0;

const text = (id, value) => {
  const element = $(id);
  if (element.textContent !== value) element.textContent = value;
};
const make = (tag, className, content) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (content !== undefined) element.textContent = content;
  return element;
};
const time = (at) => new Intl.DateTimeFormat('en-GB', { timeZone: settings.timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
const seconds = (at) => new Intl.DateTimeFormat('en-GB', { timeZone: settings.timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at);
const rate = (n) => (n === undefined ? '–' : n >= 100 ? number(Math.round(n)) : number(Math.round(n * 10) / 10));

// What is shown -------------------------------------------------------------------------------------------------------------------------

function dress() {
  document.documentElement.lang = say('lang');
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = say(element.dataset.word);
  text('language', say('other'));
}

function show() {
  if (!shown) return;
  const { counts } = shown;
  const { round, total, tubes, devices } = counts;
  $('rehearsal').hidden = !round.rehearsal;
  document.title = `${round.rehearsal ? `${say('rehearsalShort')} · ` : ''}${number(total.sampled)} · ${round.name}`;
  text('name', `${round.name} · ${cell.area}${round.state === 'closed' ? ` · ${say('roundClosed')}` : ''}`);

  text('sampled', number(total.sampled));
  text('expected', say('of', { n: number(total.residents - total.excused) }));
  const share = total.residents === 0 ? 0 : shareOf(total);
  text('share', `· ${(Math.floor(share * 1000) / 10).toFixed(1)}%`);
  $('share-bar').style.width = `${share * 100}%`;
  for (const name of ['open', 'excused', 'absent', 'waiting', 'called']) text(name, number(total[name]));
  text('walk-ins', number(total.walkIns));
  const provisional = devices.silent.length > 0;
  $('provisional').hidden = !provisional;
  if (provisional) text('provisional', say('provisional', { devices: devices.silent.length }) + (devices.missing > 0 ? say('comes', { n: number(devices.missing) }) : ''));

  text('minute1', rate(total.perMinute1));
  text('minute15', rate(total.perMinute15));
  showTimes();

  text('tubes-open', number(tubes.open));
  text('w-fresh', say('younger', { n: round.tubeWarnMinutes }));
  text('w-warned', say('between', { a: round.tubeWarnMinutes, b: round.tubeSealMinutes }));
  text('w-late', say('older', { n: round.tubeSealMinutes }));
  for (const name of ['fresh', 'warned', 'late', 'empty', 'sealed', 'short', 'void']) text(name, number(tubes[name]));
  $('box-warned').className = tubes.warned > 0 ? 'amber' : '';
  $('box-late').className = tubes.late > 0 ? 'stop' : '';

  showAlarms(counts);
  showStations(counts.stations);
  showVillages(counts.villages);
}

/** What moves with the clock alone. */
function showTimes() {
  if (!shown) return;
  const { counts: { round, total, tubes, stations } } = shown;
  const at = round.rehearsal ? shown.at : shown.at + performance.now() - shown.receivedAt;
  text('clock', seconds(at));
  const needed = total.open === 0 ? 0 : neededRate(total.open, at, $('until').value, settings.timeZone);
  text('needed', rate(needed));
  const { finish } = total;
  const over = total.open === 0 && total.sampled > 0;
  text('finish', over ? say('done') : finish ? time(finish.at) : say('unknown'));
  text('range', finish && !over ? say('range', { a: time(finish.earliest), b: finish.latest ? time(finish.latest) : say('openEnd') }) : '');
  const oldest = tubes.oldest.filter(({ firstSwabAt }) => at - firstSwabAt > round.tubeWarnMinutes * 60_000);
  list('oldest', oldest.map(({ tube, station, firstSwabAt, count }) => [
    say('oldest', { tube: `…${tube.slice(-4)}`, station: stations[station]?.code ?? '–', count }), say('minutes', { n: Math.floor((at - firstSwabAt) / 60_000) }), 'alarm',
  ]));
}

function list(id, rows) {
  const element = $(id);
  while (element.children.length > rows.length) element.lastChild.remove();
  rows.forEach(([left, right, className = ''], i) => {
    let row = element.children[i];
    if (!row) {
      row = make('li');
      row.append(make('span'), make('b'));
      element.append(row);
    }
    if (row.className !== className) row.className = className;
    if (row.children[0].textContent !== left) row.children[0].textContent = left;
    if (row.children[1].textContent !== right) row.children[1].textContent = right;
  });
}

function showAlarms({ discrepancies, quarantined, devices, total }) {
  const rows = [];
  const head = (word, n) => { if (n > 0) rows.push([say(word), number(n), 'head alarm']); };
  head('discrepancies', discrepancies.open);
  for (const [word, n] of Object.entries(discrepancies.byWord).sort(([, a], [, b]) => b - a).slice(0, 4)) {
    rows.push([settings.refusals[word]?.[language] ?? word, number(n), 'sub']);
  }
  head('silent', devices.silent.length);
  for (const { device, seenAt, missing } of devices.silent.slice(0, 4)) {
    rows.push([say('silentDevice', { device, n: Math.floor((shown.at - seenAt) / 60_000) }) + (missing > 0 ? say('owes', { n: missing }) : ''), '', 'sub']);
  }
  head('missing', devices.missing);
  head('quarantined', quarantined.open);
  head('unidentified', total.unidentified);
  head('suspect', devices.suspect.length);
  head('lost', devices.lost);
  list('alarms', rows.length > 0 ? rows : [[say('nothing'), '', '']]);
}

const tables = new Map();

function showStations(stations) {
  const middle = middlePace(stations);
  const tally = {};
  const order = inPlace(stations);
  const wide = matchMedia('(min-width: 1000px)').matches;
  const em = Number.parseFloat(getComputedStyle(document.body).fontSize);
  const box = { width: $('stations').clientWidth, height: wide ? $('stations').clientHeight : Number.POSITIVE_INFINITY };
  $('stations').style.setProperty('--columns', columnsFor(order.length, box, em * 4.4));
  for (const [ordinal] of tables) {
    if (stations[ordinal]) continue;
    tables.get(ordinal).remove();
    tables.delete(ordinal);
  }
  order.forEach(([ordinal, station], i) => {
    const word = wordOf(station, middle);
    tally[word] = (tally[word] ?? 0) + 1;
    let table = tables.get(ordinal);
    if (!table) {
      table = make('div');
      table.append(make('b'), make('span'));
      tables.set(ordinal, table);
    }
    if ($('stations').children[i] !== table) $('stations').insertBefore(table, $('stations').children[i] ?? null);
    const said = word === 'silent' ? say('silentWord') : say(word);
    const moving = word === 'working' || word === 'slow' || word === 'draining';
    const waits = station.waiting + station.called;
    const line = [word === 'working' ? '' : said, moving ? rate(station.perMinute15) : '', waits > 0 && word !== 'slow' ? say('queue', { n: waits }) : ''].filter(Boolean).join(' ');
    if (table.className !== `table ${word}`) table.className = `table ${word}`;
    if (table.children[0].textContent !== station.code) table.children[0].textContent = station.code;
    if (table.children[1].textContent !== line) table.children[1].textContent = line || said;
    table.title = said;
  });
  const said = ['working', 'slow', 'stalled', 'silent', 'draining', 'paused', 'closed'].filter((word) => tally[word]).map((word) => `${word === 'silent' ? say('silentWord') : say(word)} ${tally[word]}`);
  text('stations-words', `${order.length} · ${said.join(' · ')}`);
}

function showVillages(villages) {
  const element = $('villages');
  const order = worstFirst(villages);
  const rowHeight = element.children[0]?.getBoundingClientRect().height || Number.parseFloat(getComputedStyle(element).fontSize) * 1.9;
  // On a narrow screen the page scrolls and all are shown.
  const room = matchMedia('(min-width: 1000px)').matches ? Math.max(3, Math.floor(element.clientHeight / rowHeight)) : order.length;
  const pages = Math.max(1, Math.ceil(order.length / room));
  const page = villagesFrom % pages;
  text('villages-page', pages > 1 ? say('page', { a: page + 1, b: pages }) : '');
  const rows = order.slice(page * room, (page + 1) * room);
  while (element.children.length > rows.length) element.lastChild.remove();
  rows.forEach(([, village], i) => {
    let row = element.children[i];
    if (!row) {
      row = make('li');
      const bar = make('span', 'bar');
      bar.append(make('i'));
      row.append(make('span', 'name'), bar, make('b'), make('span', 'quiet'));
      element.append(row);
    }
    const share = shareOf(village);
    const [name, bar, percent, left] = row.children;
    name.textContent = village.name;
    bar.firstChild.style.width = `${share * 100}%`;
    percent.textContent = `${Math.floor(share * 100)}%`;
    left.textContent = number(village.open + village.absent);
    left.title = say('open');
  });
}

function showAge() {
  showTimes();
  const element = $('age');
  if (!shown) {
    text('age', say(waitingForCounts ? 'waitingCounts' : 'connecting'));
    return;
  }
  const age = Math.floor((shown.age + performance.now() - shown.receivedAt) / 1000);
  text('age', waitingForCounts ? say('waitingCounts') : age < 120 ? say('ago', { n: age }) : say('agoMinutes', { n: Math.floor(age / 60) }));
  element.className = age > 5 ? 'age amber' : 'age';
  document.body.className = age > 15 ? 'old' : '';
}

function trouble(sentence) {
  $('trouble').hidden = !sentence;
  if (sentence) text('trouble', sentence);
}

// The line ------------------------------------------------------------------------------------------------------------------------------

let tries = 0;

function listen() {
  const { protocol, host } = location;
  const from = shown ? `?after=${encodeURIComponent(shown.position)}&epoch=${encodeURIComponent(shown.dataEpoch)}` : '';
  const socket = new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/cells/${cell.round}/${cell.area}/live${from}`);
  // The service says something every second; a line that is silent for six is dead though nobody has closed it.
  let watch = setTimeout(() => socket.close(), 10_000);
  let over = false;
  socket.onmessage = ({ data }) => {
    clearTimeout(watch);
    watch = setTimeout(() => socket.close(), 6000);
    tries = 0;
    trouble('');
    take(JSON.parse(data));
  };
  socket.onclose = async () => {
    if (over) return;
    over = true;
    clearTimeout(watch);
    trouble((await reason()) ?? say('unreachable'));
    setTimeout(listen, backoff(tries++));
  };
}

/** Why the line does not open: a WebSocket does not say, a request does. */
async function reason() {
  try {
    const reply = await get(`/api/cells/${cell.round}/${cell.area}/counts`);
    if (reply.ok) return undefined;
    const problem = await reply.json();
    return `${problem[language] ?? problem.title}${language === 'zh' ? '。' : '. '}${problem[language === 'zh' ? 'nextZh' : 'nextEn'] ?? ''}`;
  } catch {
    return undefined;
  }
}

const get = (path) => fetch(path, { headers: { 'x-swabline': '1' }, cache: 'no-store' });

function take(message) {
  if (message.kind === 'waiting') {
    waitingForCounts = true;
    if (message.broken) trouble(say('screenBroken'));
    return showAge();
  }
  waitingForCounts = false;
  const now = { position: message.position, at: message.at, age: message.age, receivedAt: performance.now() };
  $('board').hidden = false;
  if (message.kind === 'snapshot') shown = { ...now, counts: message.counts, dataEpoch: message.dataEpoch };
  else if (shown) {
    if (message.patch) merge(shown.counts, message.patch);
    Object.assign(shown, now);
  }
  if (message.kind === 'snapshot' || message.patch) show();
  showAge();
}

// The beginning -------------------------------------------------------------------------------------------------------------------------

async function chooseCell() {
  const [round, area] = [address.searchParams.get('round'), address.searchParams.get('area')];
  if (round && area) return { round: encodeURIComponent(round), area: encodeURIComponent(area) };
  for (;;) {
    try {
      const reply = await get('/api/counts');
      // Nobody has signed in on this screen, and it is not paired.
      if (reply.status === 401) {
        location.assign('/enter');
        return new Promise(() => {});
      }
      const body = await reply.json();
      if (reply.ok) {
        trouble(body.cells.length === 0 ? say('noCells') : '');
        const open = body.cells.filter(({ state, ready }) => ready && state === 'open');
        if (open.length === 1 && body.cells.length === 1) return { round: open[0].round, area: open[0].area };
        offer(body.cells);
      } else trouble(body[language] ?? body.title);
    } catch {
      trouble(say('unreachable'));
    }
    await new Promise((resolve) => { setTimeout(resolve, 3000); });
  }
}

function offer(cells) {
  $('cells').hidden = false;
  text('age', say('choose'));
  $('cells').replaceChildren(...cells.filter(({ ready }) => ready).map(({ round, area, name, state, rehearsal, residents, sampled, excused }) => {
    const link = make('a');
    link.href = `?round=${round}&area=${area}${address.searchParams.has('lang') ? `&lang=${language}` : ''}`;
    const marks = [rehearsal ? say('rehearsalShort') : '', state === 'closed' ? say('roundClosed') : ''].filter(Boolean).join(' · ');
    const bar = make('div', 'bar');
    const share = residents === 0 ? 0 : shareOf({ residents, excused, sampled });
    bar.append(make('i'));
    bar.firstChild.style.width = `${share * 100}%`;
    link.append(make('strong', '', name), make('div', 'quiet', `${round} · ${area}${marks ? ` · ${marks}` : ''}`), make('div', '', `${number(sampled)} · ${say('of', { n: number(residents - excused) })}`), bar);
    return link;
  }));
}

$('language').onclick = () => {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem('language', language);
  dress();
  show();
  showAge();
};
$('theme').onclick = () => {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem('theme', document.documentElement.dataset.theme);
};
$('until').value = address.searchParams.get('until') ?? '';
$('until').onchange = () => {
  address.searchParams.set('until', $('until').value);
  history.replaceState(null, '', address);
  showTimes();
};
const theme = address.searchParams.get('theme') ?? localStorage.getItem('theme');
if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;

dress();
showAge();
setInterval(showAge, 1000);
// How many tables and villages fit is known when the tiles around them have their size.
new ResizeObserver(() => {
  if (!shown) return;
  showStations(shown.counts.stations);
  showVillages(shown.counts.villages);
}).observe($('villages'));
setInterval(() => {
  villagesFrom++;
  if (shown) showVillages(shown.counts.villages);
}, 12_000);
get('/live/settings.json').then((reply) => reply.json()).then((found) => {
  settings = found;
  show();
}).catch(() => {});
cell = await chooseCell();
$('cells').hidden = true;
listen();
