import type { Tx } from '../transaction.ts';

export interface NewProfile {
  partnerId: string;
  effectiveFrom: string;
  language: string;
  timeZone: string;
  currency: string;
  type: string;
  marketCode: string | null;
  /** The stamp of the intake barrier. */
  receivedAt: string;
}

/** Adds what holds for a partner from an instant on; the same instant again changes nothing. */
export async function insertProfile(tx: Tx, profile: NewProfile): Promise<void> {
  await tx.query(
    `insert into partner_profile (program_id, partner_id, effective_from, language, time_zone, currency, type, market_code, received_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict do nothing`,
    [
      tx.programId,
      profile.partnerId,
      profile.effectiveFrom,
      profile.language,
      profile.timeZone,
      profile.currency,
      profile.type,
      profile.marketCode,
      profile.receivedAt,
    ],
  );
}

/** Language and currency in force at an instant; a partner without a profile speaks English and has no currency. */
export async function readProfileAt(
  tx: Tx,
  partnerId: string,
  at: string,
): Promise<{ language: string; currency: string | null }> {
  const { rows } = await tx.query<{ language: string; currency: string }>(
    `select language, currency from partner_profile
     where program_id = $1 and partner_id = $2 and effective_from <= $3
     order by effective_from desc limit 1`,
    [tx.programId, partnerId, at],
  );
  return rows[0] ?? { language: 'en', currency: null };
}
