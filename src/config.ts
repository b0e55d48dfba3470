// The settings of Swabline: every name, what it means, what it is when nobody sets it. This is the only reader of process.env,
// so this file is the whole list. A bad value stops the program with a sentence that names it.

import { isIP } from 'node:net';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';

export const roles = ['api', 'worker'] as const;
export type Role = (typeof roles)[number];

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export interface Config {
  readonly host: string;
  /** 0 lets the system choose a free one. */
  readonly port: number;
  /** `redis://`, `rediss://`, or the path of a unix socket. Without it a Redis of our own is started on `dataDir`. */
  readonly redisUrl: string | undefined;
  readonly dataDir: string;
  readonly roles: readonly Role[];
  readonly masterKeyFile: string;
  /** A folder on another disk than Redis's; without it a device shows "one copy only". */
  readonly archiveDir: string | undefined;
  readonly logLevel: (typeof logLevels)[number];
  /** For display only: everything is stored in UTC. */
  readonly timeZone: string;
  /** Addresses people use, where they are others than the service's own: `https://swabs.example`. The first stands in links. */
  readonly origins: readonly string[];
  /** Addresses of the proxies before the service: only from them are X-Forwarded-For and -Proto believed. */
  readonly proxies: readonly string[];
  /** Requests (and frames on a socket) a minute of one device; what is more is told to come later. */
  readonly deviceRate: number;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** The settings cannot be used; `message` says which and why, one sentence a line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const text = z.string().trim();
const isRedis = (value: string): boolean => isAbsolute(value) || /^rediss?:\/\/\S+$/.test(value);
const isTimeZone = (value: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }) !== undefined;
  } catch {
    return false;
  }
};
const words = (value: string): string[] => value.split(',').map((word) => word.trim()).filter((word) => word !== '');
const isOrigin = (value: string): boolean => {
  try {
    return new URL(value).origin === value && /^https?:/.test(value);
  } catch {
    return false;
  }
};
const namedRoles = (value: string): string[] => value.split(',').map((role) => role.trim()).filter((role) => role !== '');

const Environment = z.object({
  PORT: text.regex(/^\d{1,5}$/, 'a number from 0 to 65535').transform(Number).refine((port) => port <= 65_535, 'a number from 0 to 65535').default(3000),
  HOST: text.default('127.0.0.1'),
  REDIS_URL: text.refine(isRedis, 'redis://host:port, rediss://host:port, or the absolute path of a unix socket').optional(),
  SWABLINE_DATA: text.default('./data'),
  SWABLINE_ROLES: text
    .refine((value) => namedRoles(value).length > 0 && namedRoles(value).every((role) => (roles as readonly string[]).includes(role)), 'api, worker, or api,worker')
    .transform((value) => roles.filter((role) => namedRoles(value).includes(role)))
    .default([...roles]),
  SWABLINE_MASTER_KEY_FILE: text.optional(),
  SWABLINE_ARCHIVE_DIR: text.optional(),
  LOG_LEVEL: z.enum(logLevels, `one of ${logLevels.join(', ')}`).default('info'),
  SWABLINE_TIMEZONE: text.refine(isTimeZone, 'a time zone such as Asia/Shanghai').default('Asia/Shanghai'),
  SWABLINE_ORIGINS: text.refine((value) => words(value).every(isOrigin), 'addresses such as https://swabs.example, with commas between them').transform(words).default([]),
  SWABLINE_PROXIES: text.refine((value) => words(value).every((address) => isIP(address.split('/')[0] as string) > 0), 'IP addresses or networks (10.0.0.1, 10.0.0.0/8), with commas between them').transform(words).default([]),
  SWABLINE_DEVICE_RATE: text.regex(/^\d{1,9}$/, 'a number from 1 to 999999999').transform(Number).refine((rate) => rate > 0, 'a number from 1 to 999999999').default(3000),
  TLS_CERT: text.optional(),
  TLS_KEY: text.optional(),
});

/** The names that may stand in the environment; the README's table is checked against them. */
export const settingNames: readonly string[] = Object.keys(Environment.shape);

/**
 * Reads the settings once. An empty value counts as absent, since compose files write it so.
 * Values are never repeated in the message: REDIS_URL may hold a password.
 * @throws ConfigError
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(settingNames.flatMap((name) => (env[name]?.trim() ? [[name, env[name]]] : [])));
  const read = Environment.safeParse(given);
  if (!read.success) {
    throw new ConfigError(read.error.issues.map((issue) => `${issue.path.join('.')} must be ${issue.message}.`).join('\n'));
  }
  const e = read.data;
  if ((e.TLS_CERT === undefined) !== (e.TLS_KEY === undefined)) {
    throw new ConfigError('TLS_CERT and TLS_KEY are set together or not at all.');
  }
  const dataDir = resolve(e.SWABLINE_DATA);
  return Object.freeze({
    host: e.HOST,
    port: e.PORT,
    redisUrl: e.REDIS_URL,
    dataDir,
    roles: Object.freeze(e.SWABLINE_ROLES),
    masterKeyFile: e.SWABLINE_MASTER_KEY_FILE === undefined ? join(dataDir, 'keys', 'master.key') : resolve(e.SWABLINE_MASTER_KEY_FILE),
    archiveDir: e.SWABLINE_ARCHIVE_DIR === undefined ? undefined : resolve(e.SWABLINE_ARCHIVE_DIR),
    logLevel: e.LOG_LEVEL,
    timeZone: e.SWABLINE_TIMEZONE,
    deviceRate: e.SWABLINE_DEVICE_RATE,
    origins: Object.freeze(e.SWABLINE_ORIGINS),
    proxies: Object.freeze(e.SWABLINE_PROXIES),
    tls: e.TLS_CERT === undefined || e.TLS_KEY === undefined ? undefined : Object.freeze({ certFile: resolve(e.TLS_CERT), keyFile: resolve(e.TLS_KEY) }),
  });
}
