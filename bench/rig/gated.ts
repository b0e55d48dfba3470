// The door alone, with its gate or without: `node gated.js <redis url> <key file> gate|open`. Prints its port.

import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { createServer } from '../../src/api/server.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { connect } from '../../src/ledger/redis.js';
import { keyShelf } from '../../src/ledger/shelf.js';
import { openSystem } from '../../src/ledger/system.js';
import { openVault } from '../../src/vault/vault.js';

const [url = '', file = '', kind] = process.argv.slice(2);
const ledger = createLedger(connect(url), console);
await ledger.load();
const vault = await openVault({ file, shelf: keyShelf(ledger), mayCreate: true });
const plenty = { max: 1_000_000_000, seconds: 60 };
const gate = kind === 'gate'
  ? { system: await openSystem(ledger, connect(url, { patient: true })), rates: { device: plenty, account: plenty, address: plenty } }
  : { unguarded: true };
const app = await createServer({ ledger, vault, log: pino({ level: 'warn' }), ...gate });
await app.listen({ port: 0, host: '127.0.0.1' });
console.log((app.server.address() as AddressInfo).port);
for await (const _ of createInterface({ input: process.stdin })) console.log('ok');
