// Builds the pages of src/screens into dist/screens with Vite: one page a folder, what they share in assets/ under names that change with
// their content, and a service worker that knows which files belong together. Nothing is built again while its sources are the same.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../../', import.meta.url));
const from = join(root, 'src/screens');
const to = join(root, 'dist/screens');
const stampFile = join(to, '.stamp');

/** The folders that are a page. */
export const pages = () => readdirSync(from).filter((name) => existsSync(join(from, name, 'index.html'))).sort();

/** Builds what has changed; gives undefined, or what was wrong. */
export async function buildScreens() {
  const stamp = stampOf(['src/screens', 'src/domain', 'src/setup/screens.mjs', 'node_modules/vite/package.json', 'node_modules/preact/package.json']);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return undefined;
  const { build } = await import('vite');
  const input = Object.fromEntries(pages().map((name) => [name, join(from, name, 'index.html')]));
  try {
    await build({
      configFile: false, root: from, base: '/', logLevel: 'error', publicDir: false, envDir: false,
      define: { __SWABLINE_BUILD__: JSON.stringify(`${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}+${stamp.slice(0, 8)}`) },
      oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
      resolve: { alias: { react: 'preact/compat' } },
      // Tablets at a table are often old: the WebViews of 2022 are to read this.
      build: { outDir: to, emptyOutDir: true, target: ['chrome100', 'safari15.4', 'firefox102'], modulePreload: { polyfill: false }, assetsInlineLimit: 0, rollupOptions: { input: { ...input, sw: join(from, 'offline/serviceWorker.ts') }, output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') } } },
      worker: { format: 'es' },
      plugins: [installable(), knowsItsFiles()],
    });
  } catch (fault) {
    return String(fault?.message ?? fault);
  }
  mkdirSync(to, { recursive: true });
  compressBuilt(to);
  writeFileSync(stampFile, stamp);
  return undefined;
}

/**
 * Puts a smaller copy beside each file that gets smaller by a tenth: brotli, and gzip for browsers without TLS, which take nothing
 * else. Done once here, as hard as it goes, so that the service compresses nothing while people wait.
 */
function compressBuilt(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = join(folder, entry.name);
    if (entry.isDirectory()) compressBuilt(file);
    else if (!/\.(br|gz|png|stamp)$/.test(entry.name)) {
      const bytes = readFileSync(file);
      const copies = { br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }), gz: gzipSync(bytes, { level: 9 }) };
      for (const [ending, small] of Object.entries(copies)) if (small.length < bytes.length * 0.9) writeFileSync(`${file}.${ending}`, small);
    }
  }
}

/** What a device needs to install the pages: the manifest and its icons, at the addresses they name. */
function installable() {
  const folder = join(from, 'offline/app');
  return {
    name: 'swabline-installable',
    generateBundle() {
      for (const fileName of readdirSync(folder)) this.emitFile({ type: 'asset', fileName, source: readFileSync(join(folder, fileName)) });
    },
  };
}

/** Writes into the service worker which files make up this version, and its name. */
function knowsItsFiles() {
  return {
    name: 'swabline-files',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const worker = bundle['sw.js'];
      if (!worker || worker.type !== 'chunk') throw new Error('the service worker was not built');
      // The decoder of the camera is large and fetched when it is first wanted; the wall and the command post work with a network only.
      const kept = Object.keys(bundle).filter((name) => name !== 'sw.js' && !/\.(wasm|map|webmanifest|png)$/.test(name) && name !== 'icon.svg' && !/^(admin|wall|home)\//.test(name));
      const version = createHash('sha256').update(kept.map((name) => `${name}:${contentOf(bundle[name])}`).join('\n')).update(worker.code).digest('hex').slice(0, 12);
      const addresses = kept.map((name) => `/${name.replace(/\/index\.html$/, '')}`).sort();
      worker.code = worker.code.replace(/(['"`])__VERSION__\1/, JSON.stringify(version)).replace(/(['"`])__FILES__\1/, JSON.stringify(JSON.stringify(addresses)));
    },
  };
}

const contentOf = (file) => createHash('sha256').update(file.type === 'chunk' ? file.code : file.source).digest('hex');

function stampOf(places) {
  const hash = createHash('sha256');
  const add = (path) => {
    if (!existsSync(join(root, path))) return;
    const below = readdirSafely(join(root, path));
    if (below) for (const name of below.sort()) add(join(path, name));
    else hash.update(path).update(readFileSync(join(root, path)));
  };
  for (const place of places) add(place);
  return hash.digest('hex');
}

function readdirSafely(path) {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
}

if (process.argv[1] === resolve(fileURLToPath(import.meta.url))) {
  const wrong = await buildScreens();
  if (wrong !== undefined) {
    process.stderr.write(`swabline: The screens cannot be built:\n${wrong}\n`);
    process.exit(1);
  }
}
