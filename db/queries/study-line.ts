import type { Money } from '../../domain/money/money.ts';
import type { Tx } from '../transaction.ts';
import type { Pair, PartnerCredit } from './commission.ts';
import type { StoredCredit } from './credit.ts';

/** One conversion and beneficiary of a study. Commission is filled in when the line is priced. */
export interface StudyLine {
  conversionId: string;
  beneficiaryKind: 'partner' | 'channel' | 'program';
  beneficiaryId: string;
  shareBeforeE12: number;
  shareAfterE12: number;
  valueBeforeMinor: number;
  valueAfterMinor: number;
  valueCurrency: string;
  isFromLateEvidence: boolean;
  /** The credits after, per channel: what its commission is computed from. */
  after: { channel: string; shareE12: number; minor: number }[];
}

/** Adds lines; a line that is there stays (a shard that died is run again). */
export async function insertStudyLines(tx: Tx, studyId: string, lines: readonly StudyLine[]): Promise<void> {
  if (lines.length === 0) return;
  await tx.query(
    `insert into study_line (
       program_id, study_id, conversion_id, beneficiary_kind, beneficiary_id, share_before_e12, share_after_e12, value_before_minor,
       value_after_minor, value_currency, commission_before_minor, commission_after_minor, commission_currency, from_late_evidence, detail
     )
     select $1, $2, l."conversionId", l."beneficiaryKind", l."beneficiaryId", l."shareBeforeE12", l."shareAfterE12", l."valueBeforeMinor",
       l."valueAfterMinor", l."valueCurrency", 0, 0, l."valueCurrency", l."isFromLateEvidence", jsonb_build_object('after', l.after)
     from jsonb_to_recordset($3::jsonb) as l (
       "conversionId" text, "beneficiaryKind" text, "beneficiaryId" text, "shareBeforeE12" bigint, "shareAfterE12" bigint,
       "valueBeforeMinor" bigint, "valueAfterMinor" bigint, "valueCurrency" text, "isFromLateEvidence" boolean, after jsonb
     )
     order by l."conversionId", l."beneficiaryKind", l."beneficiaryId"
     on conflict (program_id, study_id, conversion_id, beneficiary_kind, beneficiary_id) do nothing`,
    [tx.programId, studyId, JSON.stringify(lines)],
  );
}

/** Where a shard stands: the last conversion that has lines. */
export async function lastStudied(
  tx: Tx,
  studyId: string,
  { shard, of }: { shard: number; of: number },
): Promise<string> {
  const { rows } = await tx.query<{ id: string | null }>(
    `select max(conversion_id) as id from study_line where program_id = $1 and study_id = $2 and abs(hashtext(conversion_id)::bigint) % $3 = $4
       and detail ? 'after'`,
    [tx.programId, studyId, of, shard],
  );
  return rows[0]?.id ?? '';
}

/** The pairs of a study that are not priced yet, partner by partner, of one shard of the partners. */
export async function pairsToPrice(
  tx: Tx,
  studyId: string,
  { shard, of, limit }: { shard: number; of: number; limit: number },
): Promise<Pair[]> {
  const { rows } = await tx.query<Pair>(
    `select beneficiary_id as "partnerId", conversion_id as "conversionId"
     from study_line
     where program_id = $1 and study_id = $2 and beneficiary_kind = 'partner' and window_state is null and abs(hashtext(beneficiary_id)::bigint) % $3 = $4
     order by beneficiary_id, conversion_id
     limit $5`,
    [tx.programId, studyId, of, shard, limit],
  );
  return rows;
}

export interface PricedPair extends Pair {
  beforeMinor: number;
  afterMinor: number;
  currency: string;
  windowState: 'open' | 'locked' | 'paid';
  /** Set for a pair of the same window that the range does not hold: its credit stays, its commission moves. */
  unchanged: { shareE12: number; valueMinor: number; valueCurrency: string } | null;
}

/** Fills the commission into lines, or adds lines for pairs whose commission moves although their credit stays. */
export async function priceStudyLines(tx: Tx, studyId: string, pairs: readonly PricedPair[]): Promise<void> {
  if (pairs.length === 0) return;
  const rows = pairs.map(({ unchanged, ...pair }) => ({
    ...pair,
    share: unchanged?.shareE12 ?? 0,
    value: unchanged?.valueMinor ?? 0,
    valueCurrency: unchanged?.valueCurrency ?? pair.currency,
  }));
  await tx.query(
    `insert into study_line (
       program_id, study_id, conversion_id, beneficiary_kind, beneficiary_id, share_before_e12, share_after_e12, value_before_minor,
       value_after_minor, value_currency, commission_before_minor, commission_after_minor, commission_currency, window_state, detail
     )
     select $1, $2, p."conversionId", 'partner', p."partnerId", p.share, p.share, p.value, p.value, p."valueCurrency", p."beforeMinor", p."afterMinor",
       p.currency, p."windowState", '{}'
     from jsonb_to_recordset($3::jsonb) as p (
       "conversionId" text, "partnerId" text, share bigint, value bigint, "valueCurrency" text, "beforeMinor" bigint, "afterMinor" bigint, currency text,
       "windowState" text
     )
     order by p."conversionId", p."partnerId"
     on conflict (program_id, study_id, conversion_id, beneficiary_kind, beneficiary_id) do update
     set commission_before_minor = excluded.commission_before_minor, commission_after_minor = excluded.commission_after_minor,
       commission_currency = excluded.commission_currency, window_state = excluded.window_state`,
    [tx.programId, studyId, JSON.stringify(rows)],
  );
}

/** What the study gives partners of conversions, per channel; and which conversions it covers at all. */
export async function readStudiedCredits(
  tx: Tx,
  studyId: string,
  pairs: readonly Pair[],
): Promise<{ credits: PartnerCredit[]; covered: Set<string> }> {
  const ids = [...new Set(pairs.map(({ conversionId }) => conversionId))];
  const { rows } = await tx.query<
    Pair & { kind: string; after: { channel: string; shareE12: number; minor: number }[] }
  >(
    `select conversion_id as "conversionId", beneficiary_id as "partnerId", beneficiary_kind as kind, detail -> 'after' as after
     from study_line where program_id = $1 and study_id = $2 and conversion_id = any ($3) and detail ? 'after'
     order by conversion_id, beneficiary_id`,
    [tx.programId, studyId, ids],
  );
  const asked = new Set(pairs.map(({ partnerId, conversionId }) => `${partnerId} ${conversionId}`));
  const credits = rows
    .filter(({ kind, partnerId, conversionId }) => kind === 'partner' && asked.has(`${partnerId} ${conversionId}`))
    .flatMap(({ partnerId, conversionId, after }) =>
      after.map((part) => ({ partnerId, conversionId, ...part, policyId: null, evaluationId: null })),
    );
  return { credits, covered: new Set(rows.map(({ conversionId }) => conversionId)) };
}

/** The credits of these conversions as they stood up to an epoch. */
export async function readCreditsAt(tx: Tx, conversionIds: readonly string[], epoch: number): Promise<StoredCredit[]> {
  const { rows } = await tx.query<StoredCredit>(
    `select k.conversion_id as "conversionId", k.conversion_at as "conversionAt", k.generation,
       json_build_object('kind', k.beneficiary_kind, 'id', k.beneficiary_id) as beneficiary, k.channel, k.share_e12 as "shareE12",
       k.value_minor as minor, k.currency, k.policy_id as "policyId", k.evaluation_id as "evaluationId", k.content_id as "contentId",
       k.sub_id as "subId"
     from conversion c
     join lateral (
       select max(generation) as generation from credit
       where program_id = c.program_id and conversion_id = c.id and conversion_at = c.occurred_at and epoch <= $3
     ) g on true
     join credit k on k.program_id = c.program_id and k.conversion_id = c.id and k.conversion_at = c.occurred_at and k.generation = g.generation
     where c.program_id = $1 and c.id = any ($2)`,
    [tx.programId, conversionIds, epoch],
  );
  return rows;
}

export interface PostedAt extends Pair {
  totalMinor: number;
  currency: string;
  isLocked: boolean;
  isPaid: boolean;
}

/** Everything posted for these pairs up to an epoch, goodwill left out, and how far the money of their first row has come. */
export async function readPostedAt(tx: Tx, pairs: readonly Pair[], epoch: number): Promise<PostedAt[]> {
  const { rows } = await tx.query<PostedAt>(
    `select p.partner_id as "partnerId", p.conversion_id as "conversionId", last.total_after_minor as "totalMinor", last.currency,
       w.locks_at <= k.sealed_at as "isLocked",
       exists (
         select from statement_line l
         join payout y on y.program_id = l.program_id and y.statement_id = l.statement_id and y.state = 'paid'
         where l.program_id = $1 and l.commission_id = first.id
       ) as "isPaid"
     from (select distinct * from unnest($2::text[], $3::text[]) as p (partner_id, conversion_id)) p
     join lateral (
       select id, window_id from commission
       where program_id = $1 and partner_id = p.partner_id and conversion_id = p.conversion_id order by revision limit 1
     ) first on true
     join lateral (
       select total_after_minor, currency from commission
       where program_id = $1 and partner_id = p.partner_id and conversion_id = p.conversion_id and epoch <= $4 order by revision desc limit 1
     ) last on true
     join attribution_window w on w.program_id = $1 and w.id = first.window_id
     join program_clock k on k.program_id = $1`,
    [tx.programId, pairs.map(({ partnerId }) => partnerId), pairs.map(({ conversionId }) => conversionId), epoch],
  );
  return rows;
}

/** One beneficiary of a study, summed per currencies. */
export interface StudySum {
  kind: 'partner' | 'channel' | 'program';
  id: string;
  name: string | null;
  type: string | null;
  market: string | null;
  shareBeforeE12: number;
  shareAfterE12: number;
  conversions: number;
  valueBefore: Money;
  valueAfter: Money;
  commissionBefore: Money;
  commissionAfter: Money;
  fromLateEvidenceMinor: number;
}

/** The lines of a study by beneficiary, those who move most money first. */
export async function sumStudyLines(tx: Tx, studyId: string): Promise<StudySum[]> {
  const { rows } = await tx.query<StudySum>(
    `select l.beneficiary_kind as kind, l.beneficiary_id as id, max(p.name) as name, max(p.type) as type, max(p.market_code) as market,
       sum(l.share_before_e12)::float8 as "shareBeforeE12", sum(l.share_after_e12)::float8 as "shareAfterE12", count(*) as conversions,
       json_build_object('minor', sum(l.value_before_minor), 'currency', l.value_currency) as "valueBefore",
       json_build_object('minor', sum(l.value_after_minor), 'currency', l.value_currency) as "valueAfter",
       json_build_object('minor', sum(l.commission_before_minor), 'currency', l.commission_currency) as "commissionBefore",
       json_build_object('minor', sum(l.commission_after_minor), 'currency', l.commission_currency) as "commissionAfter",
       coalesce(sum(l.commission_after_minor - l.commission_before_minor) filter (where l.from_late_evidence), 0)::bigint as "fromLateEvidenceMinor"
     from study_line l
     left join partner p on p.program_id = l.program_id and l.beneficiary_kind = 'partner' and p.id = l.beneficiary_id
     where l.program_id = $1 and l.study_id = $2
     group by l.beneficiary_kind, l.beneficiary_id, l.value_currency, l.commission_currency
     order by abs(sum(l.commission_after_minor - l.commission_before_minor)) desc, l.beneficiary_kind, l.beneficiary_id`,
    [tx.programId, studyId],
  );
  return rows;
}

/** Sums by currency and day of the sale, for the totals in the program's currency. */
export async function sumStudyByDay(
  tx: Tx,
  studyId: string,
): Promise<
  {
    day: string;
    valueCurrency: string;
    commissionCurrency: string;
    valueBefore: number;
    valueAfter: number;
    commissionBefore: number;
    commissionAfter: number;
  }[]
> {
  const { rows } = await tx.query<{
    day: string;
    valueCurrency: string;
    commissionCurrency: string;
    valueBefore: number;
    valueAfter: number;
    commissionBefore: number;
    commissionAfter: number;
  }>(
    `select c.occurred_at::date::text as day, l.value_currency as "valueCurrency", l.commission_currency as "commissionCurrency",
       sum(l.value_before_minor)::bigint as "valueBefore", sum(l.value_after_minor)::bigint as "valueAfter",
       sum(l.commission_before_minor)::bigint as "commissionBefore", sum(l.commission_after_minor)::bigint as "commissionAfter"
     from study_line l
     join conversion c on c.program_id = l.program_id and c.id = l.conversion_id
     where l.program_id = $1 and l.study_id = $2
     group by 1, 2, 3
     order by 1, 2, 3`,
    [tx.programId, studyId],
  );
  return rows;
}

/** The conversions that a study holds lines of. */
export async function countStudiedConversions(tx: Tx, studyId: string): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `select count(distinct conversion_id) as n from study_line where program_id = $1 and study_id = $2 and detail ? 'after'`,
    [tx.programId, studyId],
  );
  return rows[0]!.n;
}
