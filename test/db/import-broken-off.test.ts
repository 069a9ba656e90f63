import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import pg from 'pg';
import { deleteLeftChunks, endBrokenUploads, endQuietReading, listQuietReadings } from '../../db/import/broken-off.ts';
import { takeImport } from '../../db/import/take-import.ts';
import { uploadImport } from '../../db/import/upload.ts';
import { newId } from '../../db/ids.ts';
import { eventually } from '../support/eventually.ts';
import { spawnScript } from '../support/script.ts';
import { hold, untilWaiting } from './concurrency/held.ts';
import { ImportGround, inParts, SENDER as by } from './import-ground.ts';

let ground: ImportGround;
let root: pg.Client;
beforeAll(async () => {
  ground = await ImportGround.open();
  root = new pg.Client({ connectionString: ground.postgres.superuserUrl });
  await root.connect();
});
afterAll(async () => {
  await root?.end();
  await ground?.close();
});
beforeEach(() => ground.newProgram());

const file = (rows: number) => `path\n${'a\n'.repeat(rows)}`;
const about = (id: string) => ({ id, kind: 'journeys' as const, format: 'csv' as const, by });
const upload = (id: string, sent: AsyncIterable<Buffer>, more: object = {}) =>
  uploadImport(ground.pool, ground.programId, { ...about(id), ...more }, sent);
const endBroken = () => endBrokenUploads(ground.pool, ground.programId);
const deleteLeft = (atOnce?: number) => deleteLeftChunks(ground.pool, ground.programId, atOnce);
const chunks = () => ground.count('import_chunk');

/** Lets an import have gone on last so long ago, by the database's clock. */
const quietFor = (id: string, age: string) =>
  ground.rows('update import set progress_at = clock_timestamp() - $2::interval where id = $1', [id, age]);

/** An upload that broke off after some rows. */
async function brokenUpload(rows: number): Promise<string> {
  const id = newId('import');
  const broken = async function* () {
    yield* inParts(file(rows));
    throw new Error('The line broke.');
  };
  await expect(upload(id, broken())).rejects.toThrow('The line broke.');
  return id;
}

/** A body of which the test gives one part after the other. */
function fedBody() {
  let give: (part: string | null) => void = () => undefined;
  let next = new Promise<string | null>((resolve) => (give = resolve));
  const parts = async function* () {
    for (let part = await next; part !== null; part = await next) {
      next = new Promise((resolve) => (give = resolve));
      yield Buffer.from(part);
    }
  };
  return { parts: parts(), give: (part: string | null) => give(part) };
}

describe('an upload that broke off', () => {
  it('is ended after a day with the reason, none of its raw rows stays, and the same upload begins it no more', async () => {
    const id = await brokenUpload(12_001);
    expect(await chunks()).toBe(2);
    await quietFor(id, '23 hours 59 minutes');
    expect(await endBroken()).toEqual([]);
    await quietFor(id, '24 hours 1 minute');
    expect(await endBroken()).toEqual([id]);
    await deleteLeft();
    expect(await chunks()).toBe(0);
    expect(await ground.look(id)).toMatchObject({
      state: 'failed',
      read: 0,
      accepted: 0,
      failure:
        'The upload broke off after 10000 rows: nothing came for 24 hours. Nothing of it was taken in. Send the whole file again with a new Idempotency-Key.',
    });
    expect(await ground.rows(`select data from event where kind = 'import.broke-off'`)).toEqual([
      { data: { read: 0, accepted: 0, duplicate: 0, rejected: 0 } },
    ]);
    await upload(id, inParts(file(3)));
    expect(await takeImport(ground.pool, ground.programId, id)).toMatchObject({ state: 'failed' });
    expect(await chunks()).toBe(0);
    expect(await endBroken()).toEqual([]);
  });

  it('leaves one that arrived whole, and one of another program', async () => {
    const whole = newId('import');
    await upload(whole, inParts(file(3)));
    await quietFor(whole, '30 days');
    expect(await endBroken()).toEqual([]);
    const broken = await brokenUpload(5_001);
    await quietFor(broken, '30 days');
    const { programId } = ground;
    await ground.newProgram();
    expect(await endBroken()).toEqual([]);
    ground.programId = programId;
    expect(await ground.finish(whole)).toMatchObject({ state: 'done', accepted: 3 });
  });

  it('and is sent again at the very moment goes on: its beginning is waited for, and seen', async () => {
    const id = await brokenUpload(5_001);
    await quietFor(id, '25 hours');
    const again = await hold(ground.pool, ground.programId);
    await again.tx.query(`update import set upload = 'other', progress_at = clock_timestamp() where id = $1`, [id]);
    const ended = endBroken();
    await untilWaiting(root, 1);
    await again.commit();
    expect(await ended).toEqual([]);
    expect(await ground.look(id)).toMatchObject({ state: 'queued', failure: null });
  });
});

describe('a slow upload', () => {
  it('says that it goes on though its bytes fill no chunk', async () => {
    const id = newId('import');
    const body = fedBody();
    const slow = upload(id, body.parts, { goOnMs: 0 });
    body.give('path\n');
    await eventually(async () => expect((await ground.look(id)).state).toBe('queued'));
    await quietFor(id, '25 hours');
    await eventually(async () => {
      body.give('a\n');
      const [row] = await ground.rows<{ quiet: boolean }>(
        `select progress_at < clock_timestamp() - interval '1 minute' as quiet from import where id = $1`,
        [id],
      );
      expect(row!.quiet).toBe(false);
    });
    expect(await endBroken()).toEqual([]);
    await eventually(() => body.give(null));
    await Promise.race([slow, eventually(() => (body.give(null), Promise.reject(new Error('goes on'))))]);
    expect(await ground.finish(id)).toMatchObject({ state: 'done' });
  });

  it('of an import that was ended while it came stores nothing more, and is read to its end', async () => {
    const id = newId('import');
    const sent = async function* () {
      yield* inParts(file(10_001));
      await ground.rows(`update import set state = 'cancelled' where id = $1`, [id]);
      yield* inParts('a\n'.repeat(10_000));
    };
    await upload(id, sent());
    expect(await chunks()).toBe(2);
    expect(await deleteLeft()).toBe(2);
    expect(await ground.look(id)).toMatchObject({ state: 'cancelled', chunks: null });
  });
});

describe('a file that arrived whole', () => {
  it('and of which no chunk was taken for an hour is looked after; one that is read is not', async () => {
    const id = newId('import');
    await upload(id, inParts(file(10_000)));
    const quiet = () => listQuietReadings(ground.pool, ground.programId);
    expect(await quiet()).toEqual([]);
    await quietFor(id, '61 minutes');
    expect(await quiet()).toEqual([id]);
    let chunk = 0;
    const onChunk = () => {
      if ((chunk += 1) === 2) throw new Error('Ended.');
    };
    await expect(takeImport(ground.pool, ground.programId, id, { lanes: 1, onChunk })).rejects.toThrow('Ended.');
    expect(await quiet()).toEqual([]);
    expect(await endQuietReading(ground.pool, ground.programId, id)).toBe(false);

    await quietFor(id, '61 minutes');
    expect(await endQuietReading(ground.pool, ground.programId, id)).toBe(true);
    expect(await chunks()).toBe(0);
    const found = await ground.finish(id);
    expect(found).toMatchObject({ state: 'failed', read: 5_000, accepted: 5_000 });
    expect(found.failure).toMatch(/after 5000 rows.*new Idempotency-Key/);
    expect(await endQuietReading(ground.pool, ground.programId, id)).toBe(false);
  });
});

describe('what is left of ended files', () => {
  it('is deleted a few chunks at a time, by several at once, and on from where a killed process stopped', async () => {
    const ids = [await brokenUpload(60_001), await brokenUpload(60_001)];
    for (const id of ids) await ground.rows(`update import set state = 'failed' where id = $1`, [id]);
    const going = await brokenUpload(5_001);
    expect(await chunks()).toBe(25);
    const child = spawnScript('test/db/left-chunks-process.ts', [ground.postgres.url, ground.programId, '2', '4']);
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    const left = await chunks();
    expect(left).toBeLessThan(25);
    expect(left).toBeGreaterThan(1);
    const deleted = await Promise.all([deleteLeft(2), deleteLeft(2), deleteLeft(2)]);
    expect(deleted.reduce((sum, more) => sum + more, 0)).toBe(left - 1);
    expect(await ground.rows('select distinct import_id from import_chunk')).toEqual([{ import_id: going }]);
  });
});
