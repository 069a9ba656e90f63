import { newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';

/** A partner as its journey would have written it, for routes that read; no journey runs. */
export async function insertTestPartner(
  pool: Pool,
  programId: string,
  name: string,
  status = 'active',
): Promise<string> {
  const id = newId('partner');
  await inTransaction(pool, programId, async (tx) => {
    await tx.query(
      `insert into partner (program_id, id, name, email, type, country, market_code, status, status_since, workflow_id)
       values ($1, $2, $3, $4, 'creator', 'DE', 'DE', $5, clock_timestamp(), 'partner/' || $2)`,
      [programId, id, name, `${id}@partners.example`, status],
    );
    await tx.query(
      `insert into partner_profile (program_id, partner_id, effective_from, language, time_zone, currency, type, received_at)
       values ($1, $2, '2020-01-01Z', 'de', 'Europe/Berlin', 'EUR', 'creator', clock_timestamp())`,
      [programId, id],
    );
  });
  return id;
}
