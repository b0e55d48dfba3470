// A whole Swabline for the drill alone, in a thread of its own: service and drill then share no event loop, as they would not on the
// day, and one cannot outlive the other. Its Redis and its files are in the folder it is given.

import { parentPort, workerData } from 'node:worker_threads';
import { readConfig } from '../../config.js';
import { startProgram } from '../../program.js';

const { dataDir } = workerData as { dataDir: string };
const program = await startProgram(readConfig({ PORT: '0', SWABLINE_DATA: dataDir, LOG_LEVEL: 'warn' }));
parentPort?.once('message', () => {
  void program.close().then(() => parentPort?.postMessage({ closed: true }));
});
parentPort?.postMessage({ address: program.address });
