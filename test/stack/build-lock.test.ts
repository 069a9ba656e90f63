import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { holdBuildLock } from '../../stack/build-lock.ts';
import { eventually } from '../support/eventually.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-build-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const module = new URL('../../stack/build-lock.ts', import.meta.url).href;
/** Takes the lock in a process of its own, holds it for a moment, and writes both ends down. */
const builder = (name: string) =>
  promisify(execFile)(process.execPath, [
    ...['--import', 'tsx', '--input-type=module', '-e'],
    `import { appendFileSync } from 'node:fs';
     import { holdBuildLock } from '${module}';
     const release = await holdBuildLock('${join(folder, 'lock')}');
     appendFileSync('${join(folder, 'log')}', '${name} ');
     setTimeout(() => { appendFileSync('${join(folder, 'log')}', '${name} '); release(); }, 100);`,
  ]);

describe('the lock of the build', () => {
  it('lets one process build at a time', async () => {
    const release = await holdBuildLock(join(folder, 'lock'));
    const building = Promise.all(['a', 'b', 'c'].map(builder));
    await eventually(
      () => expect(readdirSync(folder).filter((name) => /^lock\.\d+$/.test(name))).toHaveLength(3),
      30_000,
    );
    expect(readdirSync(folder)).not.toContain('log');
    release();
    await building;
    expect(readFileSync(join(folder, 'log'), 'utf8')).toMatch(/^(\w) \1 (\w) \2 (\w) \3 $/);
  });

  it('is taken over from a process that was killed', async () => {
    const file = join(folder, 'left');
    writeFileSync(file, JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'long ago', command: 'npm run build' }));
    const release = await holdBuildLock(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
    release();
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });
});
