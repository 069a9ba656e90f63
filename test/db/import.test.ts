import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endImport } from '../../db/import/import.ts';
import { takeImport } from '../../db/import/take-import.ts';
import { uploadImport } from '../../db/import/upload.ts';
import { newId } from '../../db/ids.ts';
import { inTransaction } from '../../db/transaction.ts';
import { ImportGround, inParts, SENDER as by } from './import-ground.ts';

let ground: ImportGround;
beforeAll(async () => {
  ground = await ImportGround.open();
});
afterAll(() => ground?.close());

const HEADER = 'id,identity.visitorId,channel,kind,occurredAt';
const row = (n: number) => `t${n},v${n % 500},video,click,2026-01-01T00:00:${String(n % 60).padStart(2, '0')}Z`;
const rows = (many: number) => Array.from({ length: many }, (_, n) => row(n));

describe('an import', () => {
  beforeAll(() => ground.newProgram());

  it('takes the good rows and says of each bad one which line and why', async () => {
    const found = await ground.bring(
      'touchpoints',
      [
        `\ufeff${HEADER},properties,nonsense`,
        `${row(1)},,`,
        `${row(2)},,x`,
        'a,b',
        `t3,,video,click,2026-01-01T00:00:00Z,,`,
        `${row(1)},,`,
        `t1,v1,article,click,2026-01-01T00:00:01Z,,`,
        `t4,v4,video,click,yesterday,,`,
        `t5,"open,video`,
        `t6,v6,video,click,2026-01-01T00:00:00Z,"{""a"":""${'x'.repeat(9_000)}""}",`,
        `t7,v7,video,click,2026-01-01T00:00:00Z,"${'x'.repeat(1_000_000)}",`,
        `t8,v\xff\xfe,video,click,2026-01-01T00:00:00Z,,`,
        `t9\0,v9,video,click,2026-01-01T00:00:00Z,,`,
        '',
        `${row(10)},,`,
      ]
        .join('\r\n')
        .replace('\ufeff', '\xef\xbb\xbf'),
    );
    expect(found).toMatchObject({ state: 'done', read: 13, accepted: 2, duplicate: 1, rejected: 10, total: 13 });
    expect(found.errors.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '3 invalid',
      '4 malformed',
      '5 no-identity',
      '7 id-reused',
      '8 invalid',
      '9 malformed',
      '10 invalid',
      '11 too-long',
      '12 malformed',
      '13 invalid',
    ]);
    expect(await ground.count('import_chunk')).toBe(0);
  });

  it('takes JSON lines by the same rules, and survives binary', async () => {
    const sale = (id: string) =>
      `{"externalId":"${id}","identity":{"customerId":"c"},"type":"sale","value":{"minor":5,"currency":"EUR"},"occurredAt":"2026-01-01T00:00:00Z"}`;
    const found = await ground.bring(
      'conversions',
      [sale('o1'), '\0\xff', '{"a', '[]', `{"a\\u0000\\ud800":1}`, sale('o2')].join('\n'),
      'ndjson',
    );
    expect(found).toMatchObject({ state: 'done', accepted: 2, rejected: 4 });
    expect(found.errors.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '2 malformed',
      '3 malformed',
      '4 invalid',
      '5 invalid',
    ]);
    const refunds = await ground.bring(
      'refunds',
      'externalId,conversionExternalId,value.minor,value.currency,occurredAt,reason\nr1,o1,1,EUR,2026-01-02T00:00:00Z,"two\nlines"\nr2,o1,1,USD,2026-01-02T00:00:00Z,x',
    );
    expect(refunds).toMatchObject({ accepted: 1, rejected: 1, errors: [{ line: 4, code: 'wrong-currency' }] });
  });

  it('stores aggregated journeys with their lines', async () => {
    const found = await ground.bring('journeys', 'path,conversions,value,nulls\na|b,3,30.5,1\nA|b,3,1,1\na,-1,x,1\n');
    expect(found).toMatchObject({ accepted: 1, rejected: 2 });
    const { rows } = await inTransaction(ground.pool, ground.programId, (tx) =>
      tx.query('select line, path, conversions, value from import_journey where import_id = $1', [found.id]),
    );
    expect(rows).toEqual([{ line: 2, path: ['a', 'b'], conversions: 3, value: '30.5' }]);
  });

  it.each([
    ['', 'The file is empty'],
    ['a,a\n1,2', 'twice'],
  ])('fails as a whole where the header %j cannot be used', async (text, why) => {
    const found = await ground.bring('touchpoints', text);
    expect(found).toMatchObject({ state: 'failed', read: 0, errors: [{ line: 1, code: 'header' }] });
    expect(found.errors[0]!.detail).toContain(why);
  });
});

describe('an import of several chunks', () => {
  beforeAll(() => ground.newProgram());

  it('is taken whole', async () => {
    const found = await ground.bring('touchpoints', [HEADER, ...rows(12_000)].join('\n'));
    expect(found).toMatchObject({ state: 'done', read: 12_000, accepted: 12_000, duplicate: 0, rejected: 0 });
    expect(await ground.count('touchpoint')).toBe(12_000);
  }, 60_000);

  it('knows every row of a shuffled file again', async () => {
    const shuffled = rows(12_000).sort((a, b) => (a.slice(3) < b.slice(3) ? -1 : 1));
    expect(await ground.bring('touchpoints', [HEADER, ...shuffled].join('\n'))).toMatchObject({
      accepted: 0,
      duplicate: 12_000,
    });
    expect(await ground.count('touchpoint')).toBe(12_000);
  }, 60_000);

  it('is taken by one of several at once', async () => {
    const more = Array.from({ length: 12_000 }, (_, n) => `u${row(n)}`);
    const id = await ground.upload('touchpoints', [HEADER, ...more].join('\n'));
    await Promise.all([ground.finish(id), ground.finish(id), ground.finish(id)]);
    expect(await ground.finish(id)).toMatchObject({ read: 12_000, accepted: 12_000, duplicate: 0 });
  }, 60_000);

  it('takes no more once it is cancelled', async () => {
    const id = await ground.upload('touchpoints', [HEADER, ...rows(6_000)].join('\n'));
    let chunks = 0;
    const onChunk = () => {
      if ((chunks += 1) === 2) throw new Error('Cancelled here.');
    };
    await expect(takeImport(ground.pool, ground.programId, id, { lanes: 1, onChunk })).rejects.toThrow(
      'Cancelled here.',
    );
    await inTransaction(ground.pool, ground.programId, (tx) => endImport(tx, id, 'cancelled'));
    expect(await ground.finish(id)).toMatchObject({ state: 'cancelled', read: 5_000 });
    expect(await ground.count('import_chunk')).toBe(0);
  });

  it('begins anew when its upload broke off, and is left alone once it is complete', async () => {
    const id = newId('import');
    const text = [HEADER, ...rows(11_000)].join('\n');
    const broken = async function* () {
      yield Buffer.from(text.slice(0, 400_000));
      throw new Error('The line broke.');
    };
    const about = { id, kind: 'touchpoints' as const, format: 'csv' as const, by };
    await expect(uploadImport(ground.pool, ground.programId, about, broken())).rejects.toThrow('The line broke.');
    expect(await takeImport(ground.pool, ground.programId, id)).toMatchObject({ state: 'queued' });
    await uploadImport(ground.pool, ground.programId, about, inParts(text));
    await uploadImport(ground.pool, ground.programId, about, inParts(text, 1_000));
    await expect(uploadImport(ground.pool, ground.programId, about, inParts(`${HEADER}\nother`))).rejects.toMatchObject(
      { code: 'idempotency-key-reused' },
    );
    expect(await ground.finish(id)).toMatchObject({ total: 11_000, duplicate: 11_000, rejected: 0 });
  });
});
