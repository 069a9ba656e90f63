import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { uploadImport } from '../../db/import/upload.ts';
import { newId } from '../../db/ids.ts';
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

const about = (id: string) => ({ id, kind: 'journeys' as const, format: 'csv' as const, by });
const upload = (id: string, sent: AsyncIterable<Buffer>) =>
  uploadImport(ground.pool, ground.programId, about(id), sent);
/** A file of paths that name their sender; 5,000 of them fill a chunk. */
const file = (sender: string, rows: number) => `path\n${`${sender}\n`.repeat(rows)}`;
const chunksOf = (id: string) => ground.rows('select no from import_chunk where import_id = $1 order by no', [id]);
const pathsOf = (id: string) =>
  ground.rows('select path[1] as sender, count(*) as rows from import_journey where import_id = $1 group by 1', [id]);

/** A body that is sent up to a point, and on from there when the test says so. */
function pausedBody(first: string, then: string) {
  let goOn: () => void = () => undefined;
  let reach: () => void = () => undefined;
  const may = new Promise<void>((resolve) => (goOn = resolve));
  const paused = new Promise<void>((resolve) => (reach = resolve));
  const parts = async function* () {
    yield* inParts(first);
    reach();
    await may;
    yield* inParts(then);
  };
  return { parts: parts(), paused, goOn };
}

describe('of two uploads of one import at once', () => {
  it('the later wins: the earlier adds nothing more to it, and is told so', async () => {
    const id = newId('import');
    const early = pausedBody(file('early', 10_001), 'early\n'.repeat(15_000));
    const first = upload(id, early.parts);
    await early.paused;
    const late = pausedBody(file('late', 5_001), 'late\n'.repeat(3));
    const second = upload(id, late.parts);
    await late.paused;
    early.goOn();
    await expect(first).rejects.toMatchObject({ code: 'conflict' });
    expect(await chunksOf(id)).toEqual([{ no: 0 }]);
    late.goOn();
    await second;
    expect(await ground.finish(id)).toMatchObject({ state: 'done', total: 5_004, read: 5_004, accepted: 5_004 });
    expect(await pathsOf(id)).toEqual([{ sender: 'late', rows: 5_004 }]);
  });

  it('an earlier one without rows does not end it either', async () => {
    const id = newId('import');
    const early = pausedBody(file('early', 0), '');
    const first = upload(id, early.parts);
    await early.paused;
    const late = pausedBody(file('late', 5_001), 'late\n');
    const second = upload(id, late.parts);
    await late.paused;
    early.goOn();
    await expect(first).rejects.toMatchObject({ code: 'conflict' });
    late.goOn();
    await second;
    expect(await ground.finish(id)).toMatchObject({ state: 'done', total: 5_002, accepted: 5_002 });
    expect(await pathsOf(id)).toEqual([{ sender: 'late', rows: 5_002 }]);
  });

  it('a chunk that the earlier is about to store is cleared by the later, which waits for it', async () => {
    const id = newId('import');
    const early = pausedBody(file('early', 5_001), 'early\n'.repeat(5_000));
    const end = pausedBody('', 'early\n');
    const first = upload(
      id,
      (async function* () {
        yield* early.parts;
        yield* end.parts;
      })(),
    );
    await early.paused;
    // A row of the same number, which nobody sees, holds the chunk up between its turn and its row.
    const other = await hold(ground.pool, ground.programId);
    await other.tx.query(`insert into import_chunk (program_id, import_id, no, bytes) values ($1, $2, 1, '')`, [
      ground.programId,
      id,
    ]);
    let second: Promise<void>;
    try {
      early.goOn();
      await untilWaiting(root, 1);
      second = upload(id, inParts(file('late', 2)));
      await untilWaiting(root, 2);
    } finally {
      await other.rollback();
    }
    await second;
    end.goOn();
    await expect(first).rejects.toMatchObject({ code: 'conflict' });
    expect(await ground.finish(id)).toMatchObject({ state: 'done', total: 2, accepted: 2 });
    expect(await pathsOf(id)).toEqual([{ sender: 'late', rows: 2 }]);
  });
});
