import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listErrors } from '../../db/import/error.ts';
import { inTransaction } from '../../db/transaction.ts';
import { ImportGround } from './import-ground.ts';

let ground: ImportGround;
beforeAll(async () => {
  ground = await ImportGround.open();
});
afterAll(() => ground?.close());

const errorsAfter = (id: string, afterLine: number, limit: number) =>
  inTransaction(ground.pool, ground.programId, (tx) => listErrors(tx, id, { afterLine, limit }));

/** The lines of every page, as a reader goes through them. */
async function linesInPages(id: string, limit: number): Promise<number[][]> {
  const pages: number[][] = [];
  for (let after = 0; ;) {
    const page = (await errorsAfter(id, after, limit)).map(({ line }) => line);
    if (page.length === 0) return pages;
    pages.push(page);
    after = page.at(-1)!;
  }
}

const upTo = (most: number) => Array.from({ length: most }, (_, index) => index + 1);
const BAD = '{"path":[]}\n';
const GOOD = '{"path":["a"],"conversions":1}\n';

describe('the errors of an import', () => {
  it('are all there, however many lines are bad, in the order of the lines', async () => {
    const found = await ground.bring('journeys', BAD.repeat(23_456), 'ndjson');
    expect(found).toMatchObject({ state: 'done', accepted: 0, rejected: 23_456 });
    const pages = await linesInPages(found.id, 1_000);
    expect(pages.flat()).toEqual(upTo(23_456));
    expect(pages.slice(0, -1).every((page) => page.length === 1_000)).toBe(true);
    expect(await errorsAfter(found.id, 23_455, 10)).toEqual([
      { line: 23_456, code: 'invalid', detail: expect.stringContaining('path') },
    ]);
  });

  it('are found where only some chunks have them, from the middle of one on', async () => {
    const file = [BAD, GOOD.repeat(4_999), GOOD.repeat(5_000), BAD.repeat(3), GOOD.repeat(4_997), BAD].join('');
    const found = await ground.bring('journeys', file, 'ndjson');
    expect(found).toMatchObject({ accepted: 14_996, rejected: 5 });
    expect(await linesInPages(found.id, 2)).toEqual([[1, 10_001], [10_002, 10_003], [15_001]]);
    expect((await errorsAfter(found.id, 10_001, 10)).map(({ line }) => line)).toEqual([10_002, 10_003, 15_001]);
    expect((await errorsAfter(found.id, 10_001, 3)).map(({ line }) => line)).toEqual([10_002, 10_003, 15_001]);
  });

  it('that were kept a row each are listed among the others', async () => {
    const found = await ground.bring('journeys', `${BAD}${GOOD}${BAD}`, 'ndjson');
    await ground.rows(
      `insert into import_error (program_id, import_id, line, code, detail) select program_id, id, 2, 'old', 'text' from import where id = $1`,
      [found.id],
    );
    expect(await linesInPages(found.id, 2)).toEqual([[1, 2], [3]]);
  });
});
