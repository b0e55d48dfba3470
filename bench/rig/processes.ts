// Processes of a bench: started pinned to a core, watched for the CPU time they use, stopped by their own id.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * CPU time of a process and all its threads in microseconds: from the scheduler's own account, to the nanosecond, where the kernel keeps
 * one, else from ticks of 10 ms. 0 once the process is gone.
 */
export function cpuMicros(pid: number): number {
  try {
    let nanos = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) nanos += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    if (nanos > 0) return nanos / 1000;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return 0;
  }
}

/** Does this machine tell CPU time finely enough for runs of a few hundredths of a second? */
export const hasFineCpu = (): boolean => existsSync('/proc/self/schedstat');

/** CPU time of the whole machine in microseconds, in ticks of 10 ms: what others do meanwhile is the rest. */
export function machineMicros(): number {
  try {
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).slice(1).map(Number);
    return (user + nice + system + irq + softirq) * 10_000;
  } catch {
    return 0;
  }
}

/** `taskset` in front of a command where the core exists; elsewhere the command as it is. */
export const pinned = (core: number | undefined, command: readonly string[]): readonly string[] =>
  core !== undefined && core < availableParallelism() && process.platform === 'linux' ? ['taskset', '-c', String(core), ...command] : command;

export interface Child {
  pid: number;
  /** The first line it printed. */
  line: string;
  /** Sends a line to it and gives the next line it prints. */
  say(line: string): Promise<string>;
  stop(): Promise<void>;
}

/** What `npm start` gives to Node: whatever is compared here gets the same. */
const { scripts } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { scripts: { start: string } };
export const startFlags: readonly string[] = scripts.start.match(/--\S+/g) ?? [];

/** Starts `node file args` on a core and waits for its first line. */
export async function startNode(file: string, args: readonly string[], core?: number): Promise<Child> {
  const [command = process.execPath, ...rest] = pinned(core, [process.execPath, ...startFlags, file, ...args]);
  // A test runner puts itself into every Node it finds in its environment, and would be measured with it.
  const { NODE_OPTIONS, ...env } = process.env;
  const child: ChildProcess = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: NODE_OPTIONS && !/tapjs/.test(NODE_OPTIONS) ? { ...env, NODE_OPTIONS } : env });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let rest_ = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    rest_ += chunk.toString();
    for (let end = rest_.indexOf('\n'); end >= 0; end = rest_.indexOf('\n')) {
      const line = rest_.slice(0, end);
      rest_ = rest_.slice(end + 1);
      const next = waiting.shift();
      if (next) next(line);
      else lines.push(line);
    }
  });
  const ended = once(child, 'exit');
  void ended.then(() => waiting.splice(0).forEach((next) => next('')));
  const nextLine = () => new Promise<string>((resolve) => {
    const line = lines.shift();
    if (line !== undefined) resolve(line);
    else if (child.exitCode !== null) resolve('');
    else waiting.push(resolve);
  });
  const line = await nextLine();
  if (line === '') throw new Error(`${file} ${args.join(' ')} ended without a word`);
  return {
    pid: child.pid as number,
    line,
    say(text) {
      child.stdin?.write(`${text}\n`);
      return nextLine();
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await ended;
      }
    },
  };
}

/** Pins a running process and its threads to a core. */
export async function pin(pid: number, core: number): Promise<void> {
  if (process.platform !== 'linux' || core >= availableParallelism()) return;
  const child = spawn('taskset', ['-a', '-cp', String(core), String(pid)], { stdio: 'ignore' });
  await once(child, 'exit').catch(() => undefined);
}
