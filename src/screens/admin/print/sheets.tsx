// A sheet for each station: how its tablet is paired, codes that try the scanner, and command cards that stand for keys.

import { useEffect } from 'preact/hooks';
import { commandCode, commandNames, commands } from '../../../domain/commands.js';
import { type deviceRoles, roles } from '../../../domain/roles.js';
import { Button } from '../../parts/controls.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { clock } from '../../words/time.js';
import { Arrive } from '../arrive.js';
import { Bars } from './bars.js';
import { Paper, Preview, printPaper } from './paper.js';
import { QrCode } from '../../parts/qr.js';
import { sheetWords as words, words as print } from './words.js';

export interface Sheet {
  device: string;
  /** Twelve digits, spaced. */
  code: string;
  /** What the QR code holds: the address of the page, with the code behind #. */
  qr: string;
  expiresAt: number;
  role: (typeof deviceRoles)[number];
  site?: string;
  station?: string;
  siteName: string;
  round: string;
  area: string;
  rehearsal: boolean;
}

export function Sheets({ sheets, onClose }: { sheets: readonly Sheet[]; onClose: () => void }) {
  const [first] = sheets;
  useEffect(() => document.getElementById('sheets')?.scrollIntoView({ block: 'nearest' }), [first?.device]);
  return (
    <section class="card gap" id="sheets">
      <Arrive key={first?.device ?? ''} words={words.title} values={{ n: sheets.length }} />
      <ul class="plainlist" id="sheet-codes">{sheets.slice(0, 10).map(({ device, code, station, role, expiresAt }) => <li key={device}><b>{station ?? say(roles[role])}</b> · {code} · {say(words.until, { time: clock(expiresAt) })}</li>)}</ul>
      <div class="row gap">
        <Button words={words.print} tone="info" onPress={printPaper} id="sheets-print" />
        <Button words={words.close} onPress={() => { onClose(); document.getElementById('other-make')?.focus(); }} id="sheets-close" />
      </div>
      {first ? <Preview name={say(print.preview)}><OneSheet sheet={first} /></Preview> : null}
      <Paper kind="a4">{sheets.map((sheet) => <OneSheet key={sheet.device} sheet={sheet} />)}</Paper>
    </section>
  );
}

const cards = commandNames.filter((name) => !name.startsWith('test'));
const tests = commandNames.filter((name) => name.startsWith('test'));
const both = (phrase: { zh: string; en: string }, values: Record<string, string> = {}): string => `${phrase.zh} ${phrase.en}`.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

function OneSheet({ sheet: { device, code, qr, expiresAt, role, site, station, siteName, round, area, rehearsal } }: { sheet: Sheet }) {
  const [address = ''] = qr.split('#');
  return (
    <div class="sheet">
      {rehearsal ? <div class="watermark">演练</div> : null}
      <h1>{station ?? both(roles[role])}{siteName ? ` · ${siteName}` : ''}</h1>
      <p>{both(roles[role])} · {round} / {area}{site ? ` / ${site}` : ''}{rehearsal ? ` · ${print.rehearsal.zh}` : ''}</p>
      <div class="pairing">
        <QrCode text={qr} />
        <div>
          <p class="big">{code}</p>
          <p>{both(words.scan, { address })}</p>
          <p>{both(words.until, { time: clock(expiresAt) })}</p>
          <p>{both(words.device, { device })}</p>
        </div>
      </div>
      <h2>{both(words.test)}</h2>
      <div class="codes">{tests.map((name) => <div key={name}><Bars digits={commandCode(name)} /><b>{both(commands[name])}</b></div>)}</div>
      <h2>{both(words.commands)}</h2>
      <div class="codes">{cards.map((name) => <div key={name}><Bars digits={commandCode(name)} /><b>{both(commands[name])}</b></div>)}</div>
    </div>
  );
}
