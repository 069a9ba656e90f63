import { rateFactor, RATE_JOINS, rateParameters } from './study-rate.ts';
import type { Tx } from '../transaction.ts';

/** What the lines of a study are summed by; dates and partner facts are those of the conversion's time. */
export const STUDY_GROUPS = {
  partnerType: `case when l.beneficiary_kind = 'partner' then coalesce(f.type, p.type) end`,
  market: `case when l.beneficiary_kind = 'partner' then coalesce(f.market_code, p.market_code) end`,
  channel: 'l.channel',
  vertical: 'c.vertical',
  conversionType: 'c.type',
  // Who has no window of its own shares the state of the conversion.
  windowState: `coalesce(l.window_state, case when exists (
    select from conversion_state cs where cs.program_id = c.program_id and cs.conversion_id = c.id and cs.locks_at <= s.cut_at
  ) then 'locked' else 'open' end)`,
} as const;

export type StudyGroup = keyof typeof STUDY_GROUPS;

/** One figure before and after, and the difference that late evidence alone makes: `evidence − before`; the rule's is the rest. */
export interface Change {
  before: number;
  evidence: number;
  after: number;
}

/** Money of one currency pair, and the same in the program's currency, each line at the rate of its day, rounded once. */
export interface StudySum {
  /** Shares in 10⁻¹². */
  shares: Change;
  conversions: number;
  valueCurrency: string;
  value: Change;
  commissionCurrency: string;
  commission: Change;
  programValue: Change;
  programCommission: Change;
  /** What is left out of these two after the change, because no rate of its day was known at the cut; null: nothing. */
  valueWithoutRate: number | null;
  commissionWithoutRate: number | null;
}

/** The lines of one beneficiary. */
export interface BeneficiarySum extends StudySum {
  kind: 'partner' | 'channel' | 'program';
  id: string;
  name: string | null;
  type: string | null;
  market: string | null;
}

const CHANNELS = `
  select l.program_id, l.study_id, l.conversion_id, l.beneficiary_kind, l.beneficiary_id, l.value_currency, l.commission_currency, l.window_state,
    q.channel, sum(q.sb) as share_before_e12, sum(q.se) as share_evidence_e12, sum(q.sa) as share_after_e12,
    sum(q.vb) as value_before_minor, sum(q.ve) as value_evidence_minor, sum(q.va) as value_after_minor,
    sum(q.cb) as commission_before_minor, sum(q.ce) as commission_evidence_minor, sum(q.ca) as commission_after_minor
  from study_line l
  cross join lateral (
    select b.channel, b."shareE12" as sb, 0 as se, 0 as sa, b.minor as vb, 0 as ve, 0 as va, 0 as cb, 0 as ce, 0 as ca
    from jsonb_to_recordset(coalesce(l.detail -> 'before', l.detail -> 'unchanged')) as b (channel text, "shareE12" bigint, minor bigint)
    union all
    select e.channel, 0, e."shareE12", 0, 0, e.minor, 0, 0, 0, 0
    from jsonb_to_recordset(coalesce(l.detail -> 'evidence', l.detail -> 'before', l.detail -> 'unchanged'))
      as e (channel text, "shareE12" bigint, minor bigint)
    union all
    select a.channel, 0, 0, a."shareE12", 0, 0, a.minor, 0, 0, 0
    from jsonb_to_recordset(coalesce(l.detail -> 'after', l.detail -> 'unchanged')) as a (channel text, "shareE12" bigint, minor bigint)
    union all
    select m.channel, 0, 0, 0, 0, 0, 0, m.minor, 0, 0 from jsonb_to_recordset(l.detail #> '{commission,before}') as m (channel text, minor bigint)
    union all
    select m.channel, 0, 0, 0, 0, 0, 0, 0, m.minor, 0 from jsonb_to_recordset(l.detail #> '{commission,evidence}') as m (channel text, minor bigint)
    union all
    select m.channel, 0, 0, 0, 0, 0, 0, 0, 0, m.minor from jsonb_to_recordset(l.detail #> '{commission,after}') as m (channel text, minor bigint)
  ) q
  where l.program_id = $1 and l.study_id = $2
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9`;

const LINES = 'select * from study_line where program_id = $1 and study_id = $2';

const change = (before: string, evidence: string, after: string) =>
  `json_build_object('before', ${before}, 'evidence', ${evidence}, 'after', ${after})`;
const money = (figure: string, by: string) =>
  change(
    ...(['before', 'evidence', 'after'].map(
      (side) => `coalesce(sum(round(${figure}_${side}_minor * ${by})), 0)::bigint`,
    ) as [string, string, string]),
  );

/** Sums of lines by an expression, in one statement, whatever it sums by. */
function statement({ key, from, more, order }: { key: string; from: string; more: string; order: string }): string {
  return `with figure as (
      select ${key}, l.conversion_id, l.value_currency, l.commission_currency,
        l.share_before_e12, coalesce(l.share_evidence_e12, l.share_before_e12) as share_evidence_e12, l.share_after_e12,
        l.value_before_minor, coalesce(l.value_evidence_minor, l.value_before_minor) as value_evidence_minor, l.value_after_minor,
        l.commission_before_minor, coalesce(l.commission_evidence_minor, l.commission_before_minor) as commission_evidence_minor,
        l.commission_after_minor,
        ${rateFactor('rv', 'l.value_currency')} as vf, ${rateFactor('rc', 'l.commission_currency')} as cf
      from (${from}) l
      join study s on s.program_id = l.program_id and s.id = l.study_id
      join conversion c on c.program_id = l.program_id and c.id = l.conversion_id
      left join partner p on p.program_id = l.program_id and l.beneficiary_kind = 'partner' and p.id = l.beneficiary_id
      left join lateral (
        select type, market_code from partner_profile
        where program_id = p.program_id and partner_id = p.id and effective_from <= c.occurred_at order by effective_from desc limit 1
      ) f on true
      ${RATE_JOINS}
    )
    select ${more}, value_currency as "valueCurrency", commission_currency as "commissionCurrency",
      count(distinct conversion_id) as conversions,
      ${change('sum(share_before_e12)', 'sum(share_evidence_e12)', 'sum(share_after_e12)')} as shares,
      ${money('value', '1')} as value, ${money('commission', '1')} as commission,
      ${money('value', 'vf')} as "programValue", ${money('commission', 'cf')} as "programCommission",
      sum(value_after_minor) filter (where vf is null)::bigint as "valueWithoutRate",
      sum(commission_after_minor) filter (where cf is null)::bigint as "commissionWithoutRate"
    from figure
    group by ${order}`;
}

const MOST_MOVED = `abs(sum(commission_after_minor - commission_before_minor)) desc, abs(sum(share_after_e12 - share_before_e12)) desc`;

/** The lines of a study by beneficiary, those who move most money first. */
export async function sumByBeneficiary(tx: Tx, studyId: string): Promise<BeneficiarySum[]> {
  const text = statement({
    key: 'l.beneficiary_kind as kind, l.beneficiary_id as id, p.name, p.type, p.market_code as market',
    from: LINES,
    more: 'kind, id, name, type, market',
    order: 'kind, id, name, type, market, value_currency, commission_currency',
  });
  const order = `order by ${MOST_MOVED}, kind, id, value_currency, commission_currency`;
  return (await tx.query<BeneficiarySum>(`${text} ${order}`, await rateParameters(tx, studyId))).rows;
}

/** One group of a breakdown; the key is null for lines that have no such fact. */
export interface GroupSum extends StudySum {
  key: string | null;
}

/** The lines of a study by one fact and currency pair, in order of the fact. */
export async function sumByFact(tx: Tx, studyId: string, group: StudyGroup): Promise<GroupSum[]> {
  const text = statement({
    key: `${STUDY_GROUPS[group]} as key`,
    from: group === 'channel' ? CHANNELS : LINES,
    more: 'key',
    order: 'key, value_currency, commission_currency',
  });
  const order = 'order by key nulls last, value_currency, commission_currency';
  return (await tx.query<GroupSum>(`${text} ${order}`, await rateParameters(tx, studyId))).rows;
}

/** All lines by currency pair: what the totals of the study are made from. */
export async function sumByCurrency(tx: Tx, studyId: string): Promise<StudySum[]> {
  const text = statement({
    key: `l.study_id`,
    from: LINES,
    more: 'study_id',
    order: 'study_id, value_currency, commission_currency',
  });
  return (
    await tx.query<StudySum>(`${text} order by value_currency, commission_currency`, await rateParameters(tx, studyId))
  ).rows;
}

/** SHA-256 over all lines in order of conversion and beneficiary, in hex: no clocks, no names, no ids of the study. */
export async function digestOfLines(tx: Tx, studyId: string): Promise<string> {
  const { rows } = await tx.query<{ digest: string }>(
    `select encode(sha256(coalesce(string_agg(h, '' order by conversion_id), '')), 'hex') as digest
     from (
       select conversion_id,
         sha256(convert_to(string_agg(l::text, E'\\n' order by beneficiary_kind, beneficiary_id), 'UTF8')) as h
       from (select conversion_id collate "C" as conversion_id, beneficiary_kind collate "C" as beneficiary_kind,
           beneficiary_id collate "C" as beneficiary_id, share_before_e12, share_evidence_e12, share_after_e12, value_before_minor,
           value_evidence_minor, value_after_minor, value_currency, commission_before_minor, commission_evidence_minor,
           commission_after_minor, commission_currency, window_state, detail
         from study_line where program_id = $1 and study_id = $2) l
       group by conversion_id
     ) d`,
    [tx.programId, studyId],
  );
  return rows[0]!.digest;
}
