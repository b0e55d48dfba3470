// Our own service in a process of its own, as `npm start` would run it: `node ours.js <redis url> <data folder> [roles]`. Prints its port
// and a key that opens its door.

import { createInterface } from 'node:readline';
import { readConfig } from '../../src/config.js';
import { startProgram } from '../../src/program.js';

const [url = '', data = '', roles = 'api'] = process.argv.slice(2);
// A bench asks for more under one name than anybody does on the day; it is counted all the same.
const plenty = { max: 1_000_000_000, seconds: 60 };
const rates = { device: plenty, account: plenty, address: plenty };
const program = await startProgram(readConfig({ REDIS_URL: url, SWABLINE_DATA: data, PORT: '0', SWABLINE_ROLES: roles, LOG_LEVEL: 'warn' }), { rates });
console.log(`${new URL(program.address as string).port} ${program.toolKey()}`);
process.on('SIGTERM', () => void program.close().then(() => process.exit(0)));
for await (const _ of createInterface({ input: process.stdin })) console.log('ok');
