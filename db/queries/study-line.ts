import type { ChannelAmount } from '../../domain/commission/channel-amount.ts';
import type { Tx } from '../transaction.ts';
import type { Pair, PartnerCredit, PartnerWindow } from './commission.ts';
import { lookup } from './lookup.ts';

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
  /** What the rule in force gives on all the evidence; null: what stands. The difference to before is the evidence's, not the draft's. */
  evidence: { shareE12: number; minor: number; channels: ChannelPart[] } | null;
  /** The credits before and after, per channel: what the commission after is computed from. */
  before: ChannelPart[];
  after: ChannelPart[];
}

/** A beneficiary's part of a conversion on one channel: share in 10⁻¹², value in smallest units. */
export interface ChannelPart {
  channel: string;
  shareE12: number;
  minor: number;
}

/** Adds lines; a line that is there stays (a shard that died is run again). */
export async function insertStudyLines(tx: Tx, studyId: string, lines: readonly StudyLine[]): Promise<void> {
  if (lines.length === 0) return;
  await tx.query(
    `insert into study_line (
       program_id, study_id, conversion_id, beneficiary_kind, beneficiary_id, share_before_e12, share_after_e12, value_before_minor,
       value_after_minor, value_currency, commission_before_minor, commission_after_minor, commission_currency, from_late_evidence,
       share_evidence_e12, value_evidence_minor, detail
     )
     select $1, $2, l."conversionId", l."beneficiaryKind", l."beneficiaryId", l."shareBeforeE12", l."shareAfterE12", l."valueBeforeMinor",
       l."valueAfterMinor", l."valueCurrency", 0, 0, l."valueCurrency", l.evidence is not null, (l.evidence ->> 'shareE12')::bigint,
       (l.evidence ->> 'minor')::bigint,
       jsonb_build_object('before', l.before, 'after', l.after)
         || case when l.evidence is null then '{}' else jsonb_build_object('evidence', l.evidence -> 'channels') end
     from jsonb_to_recordset($3::jsonb) as l (
       "conversionId" text, "beneficiaryKind" text, "beneficiaryId" text, "shareBeforeE12" bigint, "shareAfterE12" bigint,
       "valueBeforeMinor" bigint, "valueAfterMinor" bigint, "valueCurrency" text, evidence jsonb, before jsonb, after jsonb
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
    `select max(l.conversion_id) as id
     from study_line l
     join study s on s.program_id = l.program_id and s.id = l.study_id
     join conversion c on c.program_id = l.program_id and c.id = l.conversion_id and c.occurred_at >= s.from_at and c.occurred_at < s.to_at
     where l.program_id = $1 and l.study_id = $2 and abs(hashtext(l.conversion_id)::bigint) % $3 = $4 and l.detail ? 'after'`,
    [tx.programId, studyId, of, shard],
  );
  return rows[0]?.id ?? '';
}

/** The pairs of a study that are not priced yet, partner by partner after one of them, of one shard of the partners. */
export async function pairsToPrice(
  tx: Tx,
  studyId: string,
  { shard, of, after, limit }: { shard: number; of: number; after: Pair; limit: number },
): Promise<Pair[]> {
  const { rows } = await tx.query<Pair>(
    `select beneficiary_id as "partnerId", conversion_id as "conversionId"
     from study_line
     where program_id = $1 and study_id = $2 and beneficiary_kind = 'partner' and window_state is null and abs(hashtext(beneficiary_id)::bigint) % $3 = $4
       and (beneficiary_id, conversion_id) > ($6, $7)
     order by beneficiary_id, conversion_id
     limit $5`,
    [tx.programId, studyId, of, shard, limit, after.partnerId, after.conversionId],
  );
  return rows;
}

export interface PricedPair extends Pair {
  beforeMinor: number;
  afterMinor: number;
  /** What the rule in force pays on all the evidence; null: what was posted. */
  evidenceMinor: number | null;
  currency: string;
  windowState: 'open' | 'locked' | 'paid';
  /** The same amounts by channel. */
  commission: Record<'before' | 'after' | 'evidence', ChannelAmount[]>;
  /** Set for a pair of the same window that the range does not hold: its credit stays, its commission moves. */
  unchanged: { shareE12: number; valueMinor: number; valueCurrency: string; channels: ChannelPart[] } | null;
}

/** Fills the commission into lines, or adds lines for pairs whose commission moves although their credit stays. */
export async function priceStudyLines(tx: Tx, studyId: string, pairs: readonly PricedPair[]): Promise<void> {
  if (pairs.length === 0) return;
  const rows = pairs.map(({ unchanged, ...pair }) => ({
    ...pair,
    share: unchanged?.shareE12 ?? 0,
    value: unchanged?.valueMinor ?? 0,
    valueCurrency: unchanged?.valueCurrency ?? pair.currency,
    channels: unchanged?.channels ?? [],
  }));
  await tx.query(
    `insert into study_line (
       program_id, study_id, conversion_id, beneficiary_kind, beneficiary_id, share_before_e12, share_after_e12, value_before_minor,
       value_after_minor, value_currency, commission_before_minor, commission_after_minor, commission_currency, commission_evidence_minor,
       window_state, detail
     )
     select $1, $2, p."conversionId", 'partner', p."partnerId", p.share, p.share, p.value, p.value, p."valueCurrency", p."beforeMinor", p."afterMinor",
       p.currency, p."evidenceMinor", p."windowState", jsonb_build_object('unchanged', p.channels, 'commission', p.commission)
     from jsonb_to_recordset($3::jsonb) as p (
       "conversionId" text, "partnerId" text, share bigint, value bigint, "valueCurrency" text, "beforeMinor" bigint, "afterMinor" bigint,
       "evidenceMinor" bigint, currency text, "windowState" text, channels jsonb, commission jsonb
     )
     order by p."conversionId", p."partnerId"
     on conflict (program_id, study_id, conversion_id, beneficiary_kind, beneficiary_id) do update
     set commission_before_minor = excluded.commission_before_minor, commission_after_minor = excluded.commission_after_minor,
       commission_currency = excluded.commission_currency, commission_evidence_minor = excluded.commission_evidence_minor,
       window_state = excluded.window_state,
       detail = case when study_line.detail ? 'after' then study_line.detail || jsonb_build_object('commission', excluded.detail -> 'commission')
         else excluded.detail end`,
    [tx.programId, studyId, JSON.stringify(rows)],
  );
}

/**
 * What the study gives partners of conversions, per channel, under the draft (`after`) or under the rule in force on all evidence
 * (`evidence`); and which conversions it covers at all.
 */
export async function readStudiedCredits(
  tx: Tx,
  studyId: string,
  pairs: readonly Pair[],
  side: 'after' | 'evidence' = 'after',
): Promise<{ credits: PartnerCredit[]; covered: Set<string> }> {
  const ids = [...new Set(pairs.map(({ conversionId }) => conversionId))];
  const { rows } = await tx.query<Pair & { kind: string; after: ChannelPart[] }>(
    `select conversion_id as "conversionId", beneficiary_id as "partnerId", beneficiary_kind as kind,
       case $4 when 'after' then detail -> 'after' else coalesce(detail -> 'evidence', detail -> 'before') end as after
     from study_line where program_id = $1 and study_id = $2 and conversion_id = any ($3) and detail ? 'after'
     order by conversion_id, beneficiary_id`,
    [tx.programId, studyId, ids, side],
  );
  const asked = new Set(pairs.map(({ partnerId, conversionId }) => `${partnerId} ${conversionId}`));
  const credits = rows
    .filter(({ kind, partnerId, conversionId }) => kind === 'partner' && asked.has(`${partnerId} ${conversionId}`))
    .flatMap(({ partnerId, conversionId, after }) =>
      after.map((part) => ({ partnerId, conversionId, ...part, policyId: null, evaluationId: null })),
    );
  return { credits, covered: new Set(rows.map(({ conversionId }) => conversionId)) };
}

/**
 * `conversionsOfWindow` as a study sees it: those of its own lines, and those that were credited or posted up to its epoch, whatever became
 * of them afterwards.
 */
export async function conversionsOfWindowStudied(
  tx: Tx,
  { id: studyId, epoch }: { id: string; epoch: number },
  window: PartnerWindow,
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select l.conversion_id as id
     from study_line l
     ${lookup('conversion', 'c', 'c.id = l.conversion_id')}
     where l.program_id = $1 and l.study_id = $6 and l.beneficiary_kind = 'partner' and l.beneficiary_id = $2
       and c.occurred_at >= $3 and c.occurred_at < $4
     union
     select conversion_id from credit
     where program_id = $1 and beneficiary_kind = 'partner' and beneficiary_id = $2 and conversion_at >= $3 and conversion_at < $4 and epoch <= $7
     union
     select conversion_id from commission
     where program_id = $1 and origin_window_id = $5 and partner_id = $2 and conversion_id is not null and epoch <= $7`,
    [tx.programId, window.partnerId, window.fromAt, window.toAt, window.id, studyId, epoch],
  );
  return rows.map(({ id }) => id);
}

/** Partners of whom the study has a line that late evidence moves. */
export async function partnersWithLateEvidence(
  tx: Tx,
  studyId: string,
  partnerIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await tx.query<{ id: string }>(
    `select distinct beneficiary_id as id from study_line
     where program_id = $1 and study_id = $2 and beneficiary_kind = 'partner' and beneficiary_id = any ($3) and from_late_evidence`,
    [tx.programId, studyId, partnerIds],
  );
  return new Set(rows.map(({ id }) => id));
}

/** The conversions that a study holds lines of. */
export async function countStudiedConversions(tx: Tx, studyId: string): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `select count(distinct conversion_id) as n from study_line where program_id = $1 and study_id = $2 and detail ? 'after'`,
    [tx.programId, studyId],
  );
  return rows[0]!.n;
}
