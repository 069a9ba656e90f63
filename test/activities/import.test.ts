import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ActivityDeps } from '../../activities/deps.ts';
import { isForGood } from '../../activities/failures.ts';
import { createImportActivities } from '../../activities/import.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Pool } from '../../db/pool.ts';
import { createLogger } from '../../runtime/log.ts';
import { ImportGround } from '../db/import-ground.ts';
import { aPartner } from '../support/ground.ts';

let ground: ImportGround;
beforeAll(async () => {
  ground = await ImportGround.open();
});
afterAll(() => ground?.close());

/** The real pool, which throws once where a chunk is loaded or stored: at its nth connection. */
function throwingAt(nth: number, error: Error): Pool {
  let connections = 0;
  return new Proxy(ground.pool, {
    get(pool, name) {
      const value = Reflect.get(pool, name) as unknown;
      if (name === 'connect')
        return () => ((connections += 1) === nth ? Promise.reject(error) : (pool.connect as () => unknown)());
      return typeof value === 'function' ? (value.bind(pool) as unknown) : value;
    },
  });
}

async function run(importId: string, error: Error, nth = 3) {
  const log = createLogger('worker', { level: 'fatal' });
  const pool = throwingAt(nth, error);
  // The nudge after it finds no Temporal, which it takes.
  const deps = { pool, log, client: {}, taskQueues: {} } as unknown as ActivityDeps;
  const { programId } = ground;
  return createImportActivities(deps).runImport({ programId, importId, at: new Date().toISOString() });
}

it.each([
  ['the code cannot do', new RangeError('Maximum call stack size exceeded'), 'The file holds a value'],
  ['the database cannot store', Object.assign(new Error('bad'), { code: '22P05' }), 'The file holds a value'],
  ['the rules refuse', new DomainError('invalid', 'Infinity cannot be written.'), 'Infinity cannot be written.'],
])('ends an import whose chunk holds what %s, with the reason', async (_name, error, reason) => {
  const id = await ground.upload('journeys', 'path\na\n');
  expect(await run(id, error)).toMatchObject({ state: 'failed' });
  const found = await ground.look(id);
  expect(found.state).toBe('failed');
  expect(found.failure).toContain(reason);
});

it.each([
  ['the database is away', Object.assign(new Error('no'), { code: 'ECONNREFUSED' })],
  ['its connection is cut', new Error('Connection terminated unexpectedly')],
  ['it is asked again later', new DomainError('unavailable', 'Later.')],
])('leaves an import to the next attempt when %s', async (_name, error) => {
  const id = await ground.upload('journeys', 'path\na\n');
  await expect(run(id, error)).rejects.toBe(error);
  expect(await ground.finish(id)).toMatchObject({ state: 'done', accepted: 1 });
});

describe('a partner of a file', () => {
  /** Partners who are there already, so that a look at them is all that a line does. */
  async function threeKnown(): Promise<string> {
    const rows: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { partnerId } = await aPartner(ground.pool, ground.programId);
      rows.push(`Known,${partnerId}@example.com,creator,DE`);
    }
    return ground.upload('partners', ['name,email,type,country', ...rows].join('\n'));
  }

  it.each([
    ['the code cannot do', new TypeError('x is not a function'), 'It holds a value that cannot be stored or sent.'],
    ['the rules refuse', new DomainError('invalid', 'Give another name.'), 'Give another name.'],
  ])('whose start does what %s is refused by its line, and the others stand', async (_name, error, reason) => {
    // Connections: the import twice, its chunk, then one for each line.
    const id = await threeKnown();
    expect(await run(id, error, 5)).toMatchObject({ state: 'done' });
    expect(await ground.look(id)).toMatchObject({
      duplicate: 2,
      rejected: 1,
      errors: [{ line: 3, code: 'invalid', detail: `The partner was not started: ${reason}` }],
    });
  });

  it('is tried again when the database is away', async () => {
    const id = await threeKnown();
    const away = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    await expect(run(id, away, 5)).rejects.toBe(away);
    expect(await ground.look(id)).toMatchObject({ state: 'queued', read: 0 });
  });
});

it.each([
  ['40P01', false],
  ['55P03', false],
  ['57P01', false],
  ['22021', true],
])('tries again or not after SQL state %s', (code, expected) => {
  expect(isForGood(Object.assign(new Error('sql'), { code }))).toBe(expected);
});
