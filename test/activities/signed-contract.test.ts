import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { storeSignedContract } from '../../activities/signed-contract.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { startTestPostgres } from '../support/stack.ts';
import type { TestPostgres } from '../support/stack.ts';

let postgres: TestPostgres;
let pool: Pool;
beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

describe('the signed copy of a contract', () => {
  it('is stored and mailed once, however many attempts are at work', async () => {
    const { programId } = await aProgram(pool);
    const { partnerId, contractId } = await aPartner(pool, programId);
    const signed = { programId, partnerId, contractId, version: 1, at: '2026-03-01T00:00:00Z' };
    await Promise.all([1, 2, 3].map(() => storeSignedContract(pool, signed)));
    await storeSignedContract(pool, signed);
    const [counts] = await inTransaction(pool, programId, async (tx) => {
      const { rows } = await tx.query(
        `select (select count(*) from document where kind = 'signed-contract') as documents,
           (select count(*) from signed_contract) as links,
           (select count(*) from mail_outbox where template = 'contract-signed') as mails`,
      );
      return rows;
    });
    expect(counts).toEqual({ documents: 1, links: 1, mails: 1 });
  });
});
