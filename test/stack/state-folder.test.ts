import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive, recordProcess } from '../../runtime/process-record.ts';
import { keepIdentity } from '../../stack/identity.ts';
import { trimLog } from '../../stack/log-file.ts';
import { keepPorts, requireApiPort } from '../../stack/ports.ts';
import { claimStateFolder } from '../../stack/state-folder.ts';

const QUIET = { reset: false, say: () => undefined };

describe('the state folder', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tandem-state-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('belongs to one supervisor at a time', async () => {
    const folder = await claimStateFolder(dir, QUIET);
    await expect(claimStateFolder(dir, QUIET)).rejects.toThrow(`already runs on ${dir} (process ${process.pid})`);
    folder.release();
    await expect(claimStateFolder(dir, QUIET)).resolves.toMatchObject({ dir });
  });

  it('is taken over when its supervisor died, and what that left running is ended and named', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000); console.log("up")'], {
      stdio: 'pipe',
    });
    await once(child.stdout, 'data');
    const left = recordProcess(join(dir, 'pids', 'worker.json'), child.pid!, 'node dist/worker/main.js');
    writeFileSync(
      join(dir, 'pids', 'supervisor.json'),
      JSON.stringify({ pid: process.pid, startedAt: 'before the boot', command: 'npm start' }),
    );
    const said: string[] = [];
    await claimStateFolder(dir, { reset: false, say: (line) => said.push(line) });
    expect(isAlive(left)).toBe(false);
    expect(said).toEqual([
      `Stopping node dist/worker/main.js (process ${child.pid}), which an earlier start left behind`,
    ]);
  });

  it('is empty after a reset', async () => {
    for (const name of ['mail', 'provider', 'temporal']) mkdirSync(join(dir, name));
    keepIdentity(dir, { isFast: true });
    await claimStateFolder(dir, { ...QUIET, reset: true });
    expect(readdirSync(dir).toSorted()).toEqual(['logs', 'pids']);
  });

  it('keeps who it is, for its owner alone, and what its first start decided', () => {
    const first = keepIdentity(dir, { isFast: true });
    expect(keepIdentity(dir, { isFast: false })).toEqual(first);
    expect(statSync(join(dir, 'identity.json')).mode & 0o777).toBe(0o600);
  });

  it('names a file that cannot be read and the way out', () => {
    writeFileSync(join(dir, 'identity.json'), '{"programId":');
    expect(() => keepIdentity(dir, { isFast: true })).toThrow(/identity\.json cannot be read.*--reset/);
  });

  it('keeps its ports, but for one that somebody else took', async () => {
    const first = await keepPorts(dir);
    expect(new Set(Object.values(first)).size).toBe(6);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(first.smtp, '127.0.0.1', resolve));
    const second = await keepPorts(dir);
    squatter.close();
    expect(second).toEqual({ ...first, smtp: second.smtp });
    expect(second.smtp).not.toBe(first.smtp);
  });

  it("names the API's port when it is taken", async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    await expect(requireApiPort(port)).rejects.toThrow(`Port ${port} for the API is taken`);
    squatter.close();
  });

  it('moves a log aside that has grown large', () => {
    const log = join(dir, 'api.log');
    writeFileSync(log, Buffer.alloc(21 * 1024 * 1024));
    trimLog(log);
    expect([existsSync(log), existsSync(`${log}.1`)]).toEqual([false, true]);
    writeFileSync(log, 'small');
    trimLog(log);
    expect(readFileSync(log, 'utf8')).toBe('small');
  });
});
