// A whole Swabline for one drill, in a process of its own: service and drill share no event loop, as they would not on the day. It ends
// when the drill asks it to or is gone. Its Redis and its files are in the folder named as its first argument.

import { readConfig } from '../../config.js';
import { startProgram } from '../../program.js';

const program = await startProgram(readConfig({ PORT: '0', SWABLINE_DATA: process.argv[2] ?? '', LOG_LEVEL: 'warn' }), {
  // A day of twelve hours passes in twenty seconds.
  rates: { device: { max: 1e6, seconds: 60 }, account: { max: 1e6, seconds: 60 }, address: { max: 1e6, seconds: 60 } },
});
// Ctrl-C reaches this process too; the drill stops it in order.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => void program.close().then(() => process.exit(0)));
process.send?.({ address: program.address, redisUrl: program.redisUrl, key: program.toolKey() });
