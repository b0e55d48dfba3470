// The settings: what they are when nobody sets them, and what a bad one is told.
import { join, resolve } from 'node:path';
import t from 'tap';
import { ConfigError, readConfig } from '../../src/config.js';

t.test('an empty environment is enough', async (t) => {
  t.match(readConfig({}), {
    host: '127.0.0.1', port: 3000, redisUrl: undefined, dataDir: resolve('data'), roles: ['api', 'worker'],
    masterKeyFile: resolve('data', 'keys', 'master.key'), archiveDir: undefined, logLevel: 'info', timeZone: 'Asia/Shanghai', tls: undefined,
  });
});

t.test('an empty value counts as not set, as compose files write it', async (t) => {
  t.strictSame(readConfig({ PORT: '', REDIS_URL: ' ', SWABLINE_ROLES: '' }), readConfig({}));
});

t.test('what is set is taken', async (t) => {
  const config = readConfig({
    PORT: '0', HOST: '0.0.0.0', REDIS_URL: 'rediss://user:word@example.org:6380/1', SWABLINE_DATA: '/srv/swabline', SWABLINE_ROLES: ' worker ',
    SWABLINE_ARCHIVE_DIR: '/mnt/second', LOG_LEVEL: 'warn', SWABLINE_TIMEZONE: 'Asia/Urumqi', TLS_CERT: '/tls/cert.pem', TLS_KEY: '/tls/key.pem',
  });
  t.match(config, {
    host: '0.0.0.0', port: 0, redisUrl: 'rediss://user:word@example.org:6380/1', dataDir: '/srv/swabline', roles: ['worker'],
    masterKeyFile: join('/srv/swabline', 'keys', 'master.key'), archiveDir: '/mnt/second', logLevel: 'warn', timeZone: 'Asia/Urumqi',
    tls: { certFile: '/tls/cert.pem', keyFile: '/tls/key.pem' },
  });
  t.equal(readConfig({ REDIS_URL: '/run/redis.sock' }).redisUrl, '/run/redis.sock');
  t.equal(readConfig({ SWABLINE_MASTER_KEY_FILE: '/keys/own' }).masterKeyFile, '/keys/own');
});

t.test('nobody can change the settings afterwards', async (t) => {
  const config = readConfig({ TLS_CERT: '/a', TLS_KEY: '/b' });
  t.ok(Object.isFrozen(config) && Object.isFrozen(config.roles) && Object.isFrozen(config.tls));
});

const bad: [name: string, value: string, told: string][] = [
  ['PORT', 'http', 'PORT must be a number from 0 to 65535.'],
  ['PORT', '70000', 'PORT must be a number from 0 to 65535.'],
  ['PORT', '-1', 'PORT must be a number from 0 to 65535.'],
  ['REDIS_URL', 'localhost:6379', 'REDIS_URL must be redis://host:port, rediss://host:port, or the absolute path of a unix socket.'],
  ['SWABLINE_ROLES', 'api,wroker', 'SWABLINE_ROLES must be api, worker, or api,worker.'],
  ['SWABLINE_ROLES', ',', 'SWABLINE_ROLES must be api, worker, or api,worker.'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent.'],
  ['SWABLINE_TIMEZONE', 'Asia/Atlantis', 'SWABLINE_TIMEZONE must be a time zone such as Asia/Shanghai.'],
  ['TLS_CERT', '/cert.pem', 'TLS_CERT and TLS_KEY are set together or not at all.'],
];
for (const [name, value, told] of bad) {
  t.test(`${name}=${value} is told what it must be`, async (t) => {
    t.throws(() => readConfig({ [name]: value }), new ConfigError(told));
  });
}

t.test('every bad setting is named at once, and no value is repeated', async (t) => {
  try {
    readConfig({ PORT: 'x', REDIS_URL: 'user:secret@host' });
    t.fail('two bad settings were accepted');
  } catch (error) {
    const { message } = error as Error;
    t.match(message, /^PORT must[^\n]+\nREDIS_URL must/);
    t.notMatch(message, 'secret');
  }
});
