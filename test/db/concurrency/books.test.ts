import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertInvoice, takeInvoiceNumber } from '../../../db/queries/invoice.ts';
import { postEntry } from '../../../db/queries/ledger.ts';
import { newId } from '../../../db/ids.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Tx } from '../../../db/transaction.ts';
import { earned } from '../../../domain/ledger/posting.ts';
import { World } from '../../activities/attribution/world.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { hold } from './held.ts';

let postgres: TestPostgres;
let pool: Pool;
let world: World;
let partnerId: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
  const { programId } = await aProgram(pool);
  world = new World(pool, programId);
  ({ partnerId } = await aPartner(pool, programId));
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const inOwn = <Result>(work: (tx: Tx) => Promise<Result>) => inTransaction(pool, world.programId, work);

describe('an entry of the ledger', () => {
  const entry = (tx: Tx) =>
    tx.query(
      `insert into ledger_entry (program_id, id, kind, cause, at) values ($1, 'led_' || $2, 'test', $2, now())`,
      [tx.programId, newId('event')],
    );
  const lines = (tx: Tx, text: string) =>
    tx.query(
      `insert into ledger_posting (program_id, entry_id, no, account, side, amount_minor, currency)
       select $1, (select id from ledger_entry where kind = 'test' order by created_at desc limit 1), v.*
       from (values ${text}) v`,
      [tx.programId],
    );
  const balanced = `(1, 'bank', 'debit', 100, 'EUR'), (2, 'payout-fees', 'credit', 100, 'EUR')`;

  it('is taken when its postings come in one insert and balance', async () => {
    const { rowCount } = await inOwn(async (tx) => {
      await entry(tx);
      return lines(tx, balanced);
    });
    expect(rowCount).toBe(2);
  });

  it.each([
    ['does not balance', `(1, 'bank', 'debit', 100, 'EUR'), (2, 'payout-fees', 'credit', 99, 'EUR')`],
    ['has two currencies', `(1, 'bank', 'debit', 100, 'EUR'), (2, 'payout-fees', 'credit', 100, 'USD')`],
    ['has one side', `(1, 'bank', 'debit', 100, 'EUR')`],
  ])('that %s is refused by the statement itself, not later', async (_, values) => {
    await inOwn(async (tx) => {
      await entry(tx);
      await tx.query('savepoint before');
      await expect(lines(tx, values)).rejects.toMatchObject({ code: '23514' });
      await tx.query('rollback to before');
      await lines(tx, balanced);
    });
  });

  it('takes no second insert of postings, also one that balances', async () => {
    const second = inOwn(async (tx) => {
      await entry(tx);
      await lines(tx, balanced);
      await lines(tx, `(3, 'bank', 'debit', 5, 'EUR'), (4, 'payout-fees', 'credit', 5, 'EUR')`);
    });
    await expect(second).rejects.toThrow(/was posted before/);
  });

  it('is posted once per cause, however many post it at once', async () => {
    const post = () =>
      inOwn((tx) =>
        postEntry(tx, { ...earned({ partnerId, currency: 'EUR', minor: 70 }), cause: 'twice', at: world.now }),
      );
    const ids = await Promise.all([post(), post(), post()]);
    expect(new Set(ids).size).toBe(1);
    expect(await world.rows(`select count(*) as n from ledger_posting where entry_id = $1`, [ids[0]])).toEqual([
      { n: 2 },
    ]);
  });
});

it('posts one entry per partner, account pair and step, and every commission row names it', async () => {
  await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
  for (let no = 0; no < 12; no += 1) await world.sale(`order-${no}`, 1_000, '2026-03-10T00:00:00Z');
  await world.drain();
  expect(
    await world.rows(
      `select count(*) as rows, count(distinct entry_id) as entries, count(*) filter (where entry_id is null) as loose from commission`,
    ),
  ).toEqual([{ rows: 12, entries: 1, loose: 0 }]);
});

describe('the numbers of invoices', () => {
  const issue = async (tx: Tx, year: number): Promise<number> => {
    const number = await takeInvoiceNumber(tx, year);
    await insertInvoice(tx, {
      id: newId('invoice'),
      statementId: newId('statement'),
      partnerId,
      kind: 'self-billed',
      year,
      number,
      netMinor: 1,
      vatMinor: 0,
      grossMinor: 1,
      currency: 'EUR',
      documentId: null,
      issuedAt: world.now,
    });
    return number;
  };

  it('have no gap, although every third transaction takes one and is rolled back', async () => {
    const undo = new Error('undo');
    const lane = async (no: number) => {
      for (let turn = 0; turn < 15; turn += 1) {
        await inOwn(async (tx) => {
          await issue(tx, 2026);
          if ((turn + no) % 3 === 0) throw undo;
        }).catch((error: unknown) => {
          if (error !== undo) throw error;
        });
      }
    };
    await Promise.all([0, 1, 2, 3].map(lane));
    expect(
      await world.rows(
        'select count(*) as n, min(number) as first, max(number) as last from invoice where year = 2026',
      ),
    ).toEqual([{ n: 40, first: 1, last: 40 }]);
  });

  it('begin anew with each year and each program, and a second waits only for its own', async () => {
    const first = await hold(pool, world.programId);
    expect(await issue(first.tx, 2030)).toBe(1);
    const second = inOwn((tx) => issue(tx, 2030));
    expect(await inOwn((tx) => issue(tx, 2031))).toBe(1);
    const other = await aProgram(pool);
    expect(await inTransaction(pool, other.programId, (tx) => issue(tx, 2030))).toBe(1);
    await first.rollback();
    expect(await second).toBe(1);
  });
});
