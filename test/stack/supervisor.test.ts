import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive, readProcessRecord } from '../../runtime/process-record.ts';
import { nodePart } from '../../stack/node-part.ts';
import { Supervisor } from '../../stack/part.ts';
import { eventually } from '../support/eventually.ts';

describe('the supervisor', () => {
  let dir: string;
  let supervisor: Supervisor;
  let said: string[];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tandem-supervisor-'));
    mkdirSync(join(dir, 'logs'));
    said = [];
    supervisor = new Supervisor({ say: (line) => said.push(line), pausesMs: [10] });
  });
  afterEach(async () => {
    await supervisor.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  function part(name: string, script: string, more: object = {}) {
    writeFileSync(join(dir, `${name}.js`), script);
    return nodePart({ name, root: dir, script: `${name}.js`, env: {}, stateDir: dir, heapMb: 64, ...more });
  }

  const IDLE = 'setInterval(() => undefined, 1000); process.on("disconnect", () => process.exit())';
  const record = (name: string) => readProcessRecord(join(dir, 'pids', `${name}.json`))!;

  it('starts a part that was killed again, and says so', async () => {
    await supervisor.add(part('worker', IDLE));
    const first = record('worker');
    process.kill(first.pid, 'SIGKILL');
    await eventually(() => expect(said).toHaveLength(2));
    expect(said[0]).toBe('worker was ended by SIGKILL; starting it again');
    expect(said[1]).toMatch(/^worker runs again \(process \d+/);
    expect(isAlive(record('worker'))).toBe(true);
    expect(record('worker').pid).not.toBe(first.pid);
  });

  it('goes on trying a part that ends at once', async () => {
    await supervisor.add(part('worker', `${IDLE}; setTimeout(() => process.exit(3), 50)`));
    await eventually(() => expect(said.filter((line) => line.includes('exit code 3')).length).toBeGreaterThan(2));
  });

  it('stops the last started first and starts nothing again', async () => {
    const file = join(dir, 'order');
    const onEnd = (name: string) =>
      `${IDLE}; process.on('SIGTERM', () => { require('fs').appendFileSync(${JSON.stringify(file)}, '${name} '); process.exit() });
       require('fs').writeFileSync('${name}.up', '')`;
    const { existsSync, readFileSync } = await import('node:fs');
    for (const name of ['first', 'second']) {
      await supervisor.add(
        part(name, onEnd(name), { isReady: () => Promise.resolve(existsSync(join(dir, `${name}.up`))) }),
      );
    }
    await supervisor.stop();
    expect(readFileSync(file, 'utf8')).toBe('second first ');
    expect(said).toEqual([]);
  });

  it('ends a part that is still coming up when all shall stop', async () => {
    const added = supervisor.add(part('slow', IDLE, { isReady: () => Promise.resolve(false) }));
    const refusal = added.then(
      () => 'added',
      (error: Error) => error.message,
    );
    await eventually(() => expect(isAlive(record('slow'))).toBe(true));
    const slow = record('slow');
    await supervisor.stop();
    expect(await refusal).toMatch('aborted');
    expect(isAlive(slow)).toBe(false);
    await expect(supervisor.add(part('late', IDLE))).rejects.toThrow('aborted');
  });

  it('shows the last words of a part that does not come up', async () => {
    const added = supervisor.add(
      part('api', 'console.error("no such table"); process.exit(1)', { isReady: () => Promise.resolve(false) }),
    );
    await expect(added).rejects.toThrow(/^api ended with exit code 1 while starting[\s\S]*no such table/);
  });
});
