// A request's body as the arguments its Lua file gets, and the fingerprint by which a repeat is known.

import { hash } from 'node:crypto';
import type { Body, StepName, StepRequest } from '../domain/requests.js';
import { allowedSites } from '../domain/sites.js';
import { steps } from '../domain/steps.js';

/** Arguments that are not part of what is compared: ciphertexts and hashes differ each time. */
const notCompared = new Set(['sealed', 'secret', 'password', 'pin']);
/** What the ledger looks up or takes itself, anew for a repeat: the first number of a range, the tubes a merged entry's swabs are in. */
const isTaken = (step: StepName, name: string) => (step === 'reserveCodes' && name === 'first') || (step === 'mergeResidents' && name === 'tubes');

/** Arguments that a second copy must not hold: a guessed PIN is soon found by its hash. They are backed up with the keys. */
export const notCopied: Partial<Record<StepName, readonly string[]>> = { setRole: ['password', 'pin'] };

/** Stands for such an argument in the copy: nothing that anybody could type has it as its hash. */
export const hiddenArgument = '!';

/** Stands for an argument of setRole that was left out. */
const unchanged = '-';

const text = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  return JSON.stringify(value);
};

/** Arguments in the order of the step's table. `taken` is what the ledger has looked up for the step, where it does. */
export function argumentsOf(request: StepRequest, taken?: number | string): string[] {
  const body = request.body as Record<string, unknown>;
  if (request.step === 'openRound') {
    const round = request.body as Body<'openRound'>;
    return [round.name, text(round.rehearsal), text(round.laboratory), text(round.clock), text(round.rules), text(round.sites), text(allowedSites(round))];
  }
  // For an account, '' is something else than left out.
  if (request.step === 'setRole') return steps.setRole.args.map((name) => (body[name] === undefined ? unchanged : text(body[name])));
  return steps[request.step].args.map((name) => (isTaken(request.step, name) ? text(taken) : text(body[name])));
}

function compared(step: StepName, args: readonly string[], body: unknown): string {
  if (step === 'enrolResidents') {
    return JSON.stringify((body as Body<'enrolResidents'>).residents.map(({ sealed: _, ...rest }) => rest));
  }
  const names = steps[step].args;
  let content = '';
  for (let i = 0; i < args.length; i++) if (!notCompared.has(names[i] as string) && !isTaken(step, names[i] as string)) content += `\u0000${args[i]}`;
  return content;
}

/**
 * 48 bits of SHA-1 over the step and its content, as a number. It only tells two contents under one number apart, so a chance
 * agreement (1 in 2^48) would have to meet a device that uses a number twice. Ask or report, times and staff are outside.
 */
export function fingerprintOf(request: StepRequest, args: readonly string[]): number {
  return Number.parseInt(hash('sha1', request.step + compared(request.step, args, request.body), 'hex').slice(0, 12), 16);
}
