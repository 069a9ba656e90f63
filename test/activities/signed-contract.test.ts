import { describe, expect, it } from '@jest/globals';
import { composeMail } from '../../activities/mail/compose.ts';
import { storeSignedContract } from '../../activities/signed-contract.ts';
import type { Pool } from '../../db/pool.ts';
import { claimMails } from '../../db/queries/mail-delivery.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

describe('the signed copy of a contract', () => {
  it('is stored once and mailed once with its link, however many attempts are at work', async () => {
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
    const letter = await inTransaction(pool, programId, async (tx) => {
      const [mail] = await claimMails(tx, { limit: 1, leaseMs: 60_000 });
      return composeMail(tx, mail!, 'https://tandem.example');
    });
    const [link] = /https:\/\/tandem\.example\S+/.exec(letter.text) ?? [];
    expect(new URL(link!).searchParams.get('to')).toBe(`/v1/contracts/${contractId}/versions/1/document`);
  });
});
