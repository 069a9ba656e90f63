import { newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { insertPayout } from '../../db/queries/payout.ts';
import { insertPayoutAttempt } from '../../db/queries/payout-attempt.ts';
import { insertStatement } from '../../db/queries/statement.ts';
import { inTransaction } from '../../db/transaction.ts';

/** The only commission of the program on an approved statement of 10.00, with its payout, whose sending began. */
export async function aStatedCommission(
  pool: Pool,
  programId: string,
  { partnerId, approvedBy }: { partnerId: string; approvedBy: string },
): Promise<{ statementId: string; payoutId: string }> {
  const id = newId('statement');
  const approvedAt = '2026-11-01T10:00:00.000Z';
  return inTransaction(pool, programId, async (tx) => {
    const { rows } = await tx.query<{ id: string; window_id: string }>('select id, window_id from commission');
    const commission = rows[0]!;
    const lines = [{ commissionId: commission.id, minor: 1_000, place: 'locked' as const }];
    const nothing = { carryInMinor: 0, carryInGrossMinor: 0, carryOutMinor: 0, carryOutGrossMinor: 0 };
    const vat = { vatMode: 'none' as const, vatRateBps: 0, vatMinor: 0 };
    const statement = {
      ...{ id, partnerId, windowId: commission.window_id, kind: 'regular' as const, state: 'approved' as const },
      ...{ netMinor: 1_000, grossMinor: 1_000, amountMinor: 1_000, currency: 'EUR' },
      ...{ drawnAt: approvedAt, expectedPayAt: '2026-11-20T00:00:00.000Z' },
    };
    await insertStatement(tx, { ...statement, ...nothing, ...vat }, lines);
    const payoutId = await insertPayout(tx, {
      ...{ partnerId, statementId: id, amountMinor: 1_000, currency: 'EUR', provider: 'sandbox' },
      ...{ detailsId: 'pdt_1', detailsHash: 'x', approvedBy, approvedAt },
    });
    await insertPayoutAttempt(tx, payoutId, { kind: 'send', result: 'started' });
    return { statementId: id, payoutId };
  });
}
