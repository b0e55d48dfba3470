// A certificate for a closed network, made here: an authority of our own that the tablets are told to trust once, and a certificate of the
// service's names signed by it. docs/tls.md says how it gets onto the tablets.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from '../commands.js';

/** Browsers take no certificate that is good for longer than 398 days. */
const days = { authority: 3650, service: 397 };

export const certificate: Command = {
  usage: 'certificate <name or address> ... [--out folder]',
  does: 'Makes a certificate for these names, and an authority for the tablets to trust (docs/tls.md).',
  async run({ config, say, print, words, options }) {
    if (words.length === 0 || !words.every((word) => /^[A-Za-z0-9.:-]{1,253}$/.test(word))) return say('Name what the tablets will call: certificate swabs.lan 192.168.1.10'), 2;
    if (spawnSync('openssl', ['version']).status !== 0) {
      return say('There is no openssl on this machine. Install it (on Debian: apt-get install openssl), or make the certificate elsewhere as docs/tls.md says.'), 1;
    }
    const out = resolve(typeof options['out'] === 'string' ? options['out'] : join(config.dataDir, 'tls'));
    mkdirSync(out, { recursive: true, mode: 0o700 });
    const file = (name: string) => join(out, name);
    const work = mkdtempSync(join(tmpdir(), 'swabline-tls-'));
    const openssl = (...args: string[]): void => {
      const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`openssl ${args[0]} did not work: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    };
    try {
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      // The authority is kept: the tablets trust it once, and next year's certificate too.
      if (!existsSync(file('authority.key'))) {
        openssl('req', '-x509', ...curve, '-keyout', file('authority.key'), '-out', file('authority.crt'), '-days', String(days.authority), '-subj', '/CN=Swabline local authority',
          '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0', '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
      }
      const names = words.map((word) => `${isIP(word) ? 'IP' : 'DNS'}:${word}`).join(',');
      writeFileSync(join(work, 'names'), `subjectAltName=${names}\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n`);
      openssl('req', ...curve, '-keyout', file('service.key'), '-out', join(work, 'request'), '-subj', `/CN=${words[0]}`);
      openssl('x509', '-req', '-in', join(work, 'request'), '-CA', file('authority.crt'), '-CAkey', file('authority.key'), '-set_serial', `0x${Date.now().toString(16)}`,
        '-days', String(days.service), '-sha256', '-extfile', join(work, 'names'), '-out', file('service.crt'));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    print(`Start with TLS_CERT=${file('service.crt')} TLS_KEY=${file('service.key')}. Put ${file('authority.crt')} on every tablet as docs/tls.md says; keep ${file('authority.key')} to yourself.`);
    return 0;
  },
};
