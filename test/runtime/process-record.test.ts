import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endProcess, isAlive, readProcessRecord, recordProcess } from '../../runtime/process-record.ts';

describe('a process that was written down', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-record-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function sleeper(script = 'setInterval(() => undefined, 1000); process.stdout.write("up")') {
    return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  it('is told from another process that has the same pid', async () => {
    const child = sleeper();
    const record = recordProcess(join(folder, 'a.json'), child.pid!, 'sleeper');
    await endProcess({ ...record, startedAt: 'long ago' });
    expect(isAlive(readProcessRecord(join(folder, 'a.json'))!)).toBe(true);
    await endProcess(record);
    expect(isAlive(record)).toBe(false);
  });

  it('is killed when it does not listen to the signal', async () => {
    const child = sleeper(
      'process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000); process.stdout.write("up")',
    );
    await once(child.stdout, 'data');
    const ended = once(child, 'exit') as Promise<[number | null, string]>;
    await endProcess(recordProcess(join(folder, 'b.json'), child.pid!, 'deaf'), { graceMs: 100 });
    expect((await ended)[1]).toBe('SIGKILL');
  });

  it('cannot be written down after its end', async () => {
    const child = sleeper('0');
    await once(child, 'exit');
    expect(() => recordProcess(join(folder, 'c.json'), child.pid!, 'gone')).toThrow(
      /ended before it could be written down/,
    );
  });
});
