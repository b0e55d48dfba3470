// Command cards: each is a printed code of its own, and reads back as the command it stands for.

import t from 'tap';
import { makeCode, readScan } from '../../src/domain/codes.js';
import { commandCode, commandNames, commandOf, commands } from '../../src/domain/commands.js';

t.test('every card reads back as its command', async (t) => {
  const codes = commandNames.map(commandCode);
  t.equal(new Set(codes).size, commandNames.length);
  for (const [i, name] of commandNames.entries()) {
    t.equal(commandOf(codes[i] as string), name);
    t.match(readScan(codes[i] as string), { kind: 'command', value: codes[i] });
    t.ok(commands[name].zh && commands[name].en);
  }
});

t.test('a tube, and a card nobody has printed yet, are no command', async (t) => {
  t.equal(commandOf(makeCode('tube', 1)), undefined);
  t.equal(commandOf(makeCode('command', 99_999)), undefined);
  t.equal(commandOf('7'), undefined);
});
