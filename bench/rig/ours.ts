// Our own service in a process of its own, as `npm start` would run it: `node ours.js <redis url> <data folder>`. Prints its port and a
// key that opens its door.

import { createInterface } from 'node:readline';
import { readConfig } from '../../src/config.js';
import { startProgram } from '../../src/program.js';

const [url = '', data = ''] = process.argv.slice(2);
const program = await startProgram(readConfig({ REDIS_URL: url, SWABLINE_DATA: data, PORT: '0', SWABLINE_ROLES: 'api', LOG_LEVEL: 'warn' }), { say: (sentence) => process.stderr.write(`${sentence}\n`) });
console.log(`${new URL(program.address as string).port} ${program.toolKey()}`);
process.on('SIGTERM', () => void program.close().then(() => process.exit(0)));
for await (const _ of createInterface({ input: process.stdin })) console.log('ok');
