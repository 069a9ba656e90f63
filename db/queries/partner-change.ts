import { invalid } from '../../domain/errors.ts';
import { compareInstants } from '../../domain/time/instant.ts';
import { queueIntakeWork } from '../intake/work.ts';
import { joinIntake, lockPartnerBooks } from '../locks.ts';
import type { Tx } from '../transaction.ts';
import { readClock } from './program-clock.ts';
import { forgetWindowsAhead } from './window-ahead.ts';

/** What a person may change of a partner's master data; what is left out stays. */
export interface PartnerChanges {
  name?: string;
  email?: string;
  channels?: string[];
  verticals?: string[];
  ownerId?: string | null;
  tier?: string | null;
}

/** Throws on an e-mail address that another partner has (`partner_email_is_unique`). */
export async function updatePartner(tx: Tx, id: string, changes: PartnerChanges): Promise<void> {
  await tx.query(
    `update partner
     set name = coalesce($3, name), email = coalesce($4, email), channels = coalesce($5, channels),
         verticals = coalesce($6, verticals), owner_id = case when $7 then $8 else owner_id end,
         tier = case when $9 then $10 else tier end
     where program_id = $1 and id = $2`,
    [
      tx.programId,
      id,
      changes.name ?? null,
      changes.email ?? null,
      changes.channels ?? null,
      changes.verticals ?? null,
      changes.ownerId !== undefined,
      changes.ownerId ?? null,
      changes.tier !== undefined,
      changes.tier ?? null,
    ],
  );
}

/** Language, zone, currency and type as they hold from an instant on. */
export interface ProfileChanges {
  language?: string;
  timeZone?: string;
  currency?: string;
  type?: string;
}

/**
 * Adds a profile that holds from `effectiveFrom`, filled up from the one before, as a fact under the intake barrier;
 * what it may credit anew is queued for the feed. What partners were decides credit and windows, so nothing but a language begins before the
 * last cut: what happened until then may be locked.
 * @param effectiveFrom undefined: from now on
 * @throws DomainError `invalid`
 */
export async function insertProfile(
  tx: Tx,
  partnerId: string,
  changes: ProfileChanges,
  effectiveFrom?: string,
): Promise<void> {
  const receivedAt = await joinIntake(tx);
  const at = effectiveFrom ?? receivedAt;
  const { type, timeZone, currency } = changes;
  // Before any row, as locks go: windows that are written ahead go only while nobody posts into them.
  if (timeZone !== undefined) await lockPartnerBooks(tx, [partnerId]);
  const { cutAt } = await readClock(tx);
  if ((type ?? timeZone ?? currency) !== undefined && cutAt !== '-infinity' && compareInstants(at, cutAt) < 0)
    throw invalid(
      'effectiveFrom',
      `What happened before ${cutAt} may be settled: let it take effect at that instant or later.`,
    );
  await tx.query(
    `insert into partner_profile (program_id, partner_id, effective_from, language, time_zone, currency, type, market_code, received_at)
     select p.program_id, p.id, $3, coalesce($4, f.language, 'en'), coalesce($5, f.time_zone, 'UTC'),
            coalesce($6, f.currency, g.currency), coalesce($7, f.type, p.type), p.market_code, $8
     from partner p
     join program g on g.program_id = p.program_id
     left join lateral (
       select * from partner_profile f
       where f.program_id = p.program_id and f.partner_id = p.id and f.effective_from <= $3
       order by f.effective_from desc limit 1
     ) f on true
     where p.program_id = $1 and p.id = $2
     on conflict (program_id, partner_id, effective_from) do update
     set language = excluded.language, time_zone = excluded.time_zone, currency = excluded.currency, type = excluded.type,
         received_at = excluded.received_at`,
    [
      tx.programId,
      partnerId,
      at,
      changes.language ?? null,
      changes.timeZone ?? null,
      changes.currency ?? null,
      changes.type ?? null,
      receivedAt,
    ],
  );
  if (timeZone !== undefined) await forgetWindowsAhead(tx, { partnerId, fromAt: at, receivedAt });
  if (changes.type !== undefined) {
    await tx.query(
      'update partner set type = $3 where program_id = $1 and id = $2 and $4::timestamptz <= clock_timestamp()',
      [tx.programId, partnerId, changes.type, at],
    );
    await queueIntakeWork(tx, [{ kind: 'range', partnerId, fromAt: at }], receivedAt);
  }
}
