import type { ChannelAmount } from '../../domain/commission/channel-amount.ts';
import type { Tx } from '../transaction.ts';
import type { Pair } from './commission.ts';
import type { StoredCredit } from './credit.ts';
import { lookup } from './lookup.ts';

/** The credits of these conversions as they stood up to an epoch. */
export async function readCreditsAt(tx: Tx, conversionIds: readonly string[], epoch: number): Promise<StoredCredit[]> {
  const { rows } = await tx.query<Omit<StoredCredit, 'beneficiary'> & StoredCredit['beneficiary']>(
    `select conversion_id as "conversionId", conversion_at as "conversionAt", generation, beneficiary_kind as kind, beneficiary_id as id, channel,
       share_e12 as "shareE12", value_minor as minor, currency, policy_id as "policyId", evaluation_id as "evaluationId",
       content_id as "contentId", sub_id as "subId"
     from (
       select k.*, max(k.generation) over (partition by k.conversion_id) as newest
       from (select distinct id from unnest($2::text[]) as a (id)) a
       ${lookup('conversion', 'c', 'c.id = a.id')}
       ${lookup('credit', 'k', 'k.conversion_id = c.id and k.conversion_at = c.occurred_at and k.epoch <= $3')}
     ) k
     where generation = newest
     order by k.conversion_id, k.beneficiary_kind, k.beneficiary_id, k.channel`,
    [tx.programId, conversionIds, epoch],
  );
  return rows.map(({ conversionId, conversionAt, generation, kind, id, ...credit }) => ({
    conversionId,
    conversionAt,
    generation,
    beneficiary: { kind, id },
    ...credit,
  }));
}

export interface PostedAt extends Pair {
  totalMinor: number;
  currency: string;
  /** What the rules made of each channel in the row that stood; its sum may differ from the total (caps, adjustments). */
  parts: ChannelAmount[];
  /** The window of its first row. */
  windowId: string;
  isPaid: boolean;
}

/** What a study was fixed to: facts received before the cut, rows up to the epoch. */
export interface StudiedInstant {
  cutAt: string;
  epoch: number;
}

/** Everything posted for these pairs up to an epoch, goodwill left out, and whether the money of their first row was paid before the cut. */
export async function readPostedAt(
  tx: Tx,
  pairs: readonly Pair[],
  { cutAt, epoch }: StudiedInstant,
): Promise<PostedAt[]> {
  const { rows } = await tx.query<PostedAt>(
    `select p.partner_id as "partnerId", p.conversion_id as "conversionId", last.total_after_minor as "totalMinor", last.currency,
       coalesce(last.rule -> 'parts', '[]') as parts, first.window_id as "windowId",
       exists (
         select from statement_line l
         join payout y on y.program_id = l.program_id and y.statement_id = l.statement_id
         join ledger_entry paid on paid.program_id = y.program_id and paid.cause = 'paid:' || y.id and paid.created_at < $5
         where l.program_id = $1 and l.commission_id = first.id
           and not exists (
             select from ledger_entry back
             where back.program_id = y.program_id and back.cause = 'returned:' || y.id and back.created_at < $5
           )
       ) as "isPaid"
     from (select distinct * from unnest($2::text[], $3::text[]) as p (partner_id, conversion_id)) p
     join lateral (
       select id, window_id from commission
       where program_id = $1 and partner_id = p.partner_id and conversion_id = p.conversion_id order by revision limit 1
     ) first on true
     join lateral (
       select total_after_minor, currency, rule from commission
       where program_id = $1 and partner_id = p.partner_id and conversion_id = p.conversion_id and epoch <= $4 order by revision desc limit 1
     ) last on true`,
    [
      tx.programId,
      pairs.map(({ partnerId }) => partnerId),
      pairs.map(({ conversionId }) => conversionId),
      epoch,
      cutAt,
    ],
  );
  return rows;
}

/** Of these windows, those that were locked at the cut. */
export async function windowsLockedAt(tx: Tx, windowIds: readonly string[], cutAt: string): Promise<Set<string>> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from attribution_window where program_id = $1 and id = any ($2) and locks_at <= $3',
    [tx.programId, windowIds, cutAt],
  );
  return new Set(rows.map(({ id }) => id));
}
