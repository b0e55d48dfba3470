// The key an archive is signed with: Ed25519, made at the first start beside the master key. Whoever changes an archive can make its chain
// of hashes fit again, but not the signatures over it. The public half stands in the archive, so that anybody can check it; whoever wants
// to be sure that it is the right one compares it with the key of the machine, or gives it by hand.

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Signer {
  /** Eight hex digits that tell one key from another. */
  id: string;
  publicKey: KeyObject;
  sign(text: string): string;
}

/** The key file cannot be used; the message is a sentence for the person at the console. */
export class SigningKeyProblem extends Error {
  override name = 'SigningKeyProblem';
}

/** Reads the signing key, or makes it where there is none: another key than before only begins a new stretch of signatures. */
export function readOrMakeSigner(file: string): Signer {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ed25519');
    const draft = `${file}.${process.pid}`;
    const fd = openSync(draft, 'wx', 0o600);
    writeSync(fd, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    fsyncSync(fd);
    closeSync(fd);
    try {
      // A link appears whole, and only one of two processes that start at once makes it.
      linkSync(draft, file);
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
    } finally {
      rmSync(draft, { force: true });
    }
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new SigningKeyProblem(`The archive's key ${file} can be read by other accounts of this machine. Run: chmod 600 ${file}`);
  }
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(readFileSync(file));
  } catch {
    throw new SigningKeyProblem(`The archive's key ${file} is damaged or another file. Put its copy back, or move it away and a new one is made.`);
  }
  const publicKey = createPublicKey(privateKey);
  return { id: keyId(publicKey), publicKey, sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64') };
}

export const keyId = (publicKey: KeyObject): string => createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('hex').slice(0, 8);

export const publicKeyText = (publicKey: KeyObject): string => publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** Reads a public key in PEM. @throws for anything else */
export const readPublicKey = (pem: string): KeyObject => createPublicKey(pem);

export const isSignedBy = (publicKey: KeyObject, text: string, signature: string): boolean => {
  try {
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};
