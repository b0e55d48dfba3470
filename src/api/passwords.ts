// Passwords and PINs: hashed with argon2id, so that each guess costs 19 MB and some 20 ms wherever it is made. Nothing here is ever logged
// or recorded but the hash, and that only in the account.

import { hash, verify } from '@node-rs/argon2';

/** The minimum that OWASP names for argon2id; two at once leave the other core to the swabs. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const atOnceMax = 2;

let atWork = 0;
const waiting: (() => void)[] = [];

/** Hashing runs on the few threads that files and names use too, so it waits in a line of its own. */
async function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
  if (atWork >= atOnceMax) await new Promise<void>((resolve) => waiting.push(resolve));
  else atWork++;
  try {
    return await work();
  } finally {
    // Whoever is next takes the place over; nobody slips in between.
    const next = waiting.shift();
    if (next) next();
    else atWork--;
  }
}

export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password.normalize('NFKC'), cost));

let nobodys: Promise<string> | undefined;

/** Is it this password? Takes as long for an account that does not exist or has none (what is kept is no hash), so that the time tells nothing. */
export async function isPassword(kept: string, password: string): Promise<boolean> {
  nobodys ??= hashPassword('nobody has this password');
  const any = kept.startsWith('$argon2id$');
  const against = any ? kept : await nobodys;
  return (await inTurn(() => verify(against, password.normalize('NFKC')))) && any;
}

const common = ['password', 'passw0rd', '1234567890', '0123456789', '0987654321', 'qwertyuiop', 'administrator', 'swabline', 'woaini', 'iloveyou', 'abcdefghij', '1q2w3e4r'];

/** Long, not one of those that are tried first, not the account's name, and not the same few characters over and over. */
export function isWeakPassword(password: string, account: string): boolean {
  const plain = password.normalize('NFKC').toLowerCase();
  return plain.length < 10 || plain.includes(account.toLowerCase()) || new Set(plain).size < 5 || common.some((word) => plain.replaceAll(word, '').length < 4);
}

/** Six digits, not one digit six times and no run. */
export const isWeakPin = (pin: string): boolean => !/^\d{6}$/.test(pin) || new Set(pin).size < 3 || '01234567890123456789'.includes(pin) || '98765432109876543210'.includes(pin);
