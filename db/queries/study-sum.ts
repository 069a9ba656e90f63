import { hasForeignLines, rateFactor, RATE_JOINS, rateParameters } from './study-rate.ts';
import { safeSum } from '../safe-sum.ts';
import type { Tx } from '../transaction.ts';

/** A fact that lines are summed by, and what must be joined to know it. */
interface Fact {
  key: string;
  joins: string;
}

const CONVERSION = 'join conversion c on c.program_id = l.program_id and c.id = l.conversion_id';
const STUDY = 'join study s on s.program_id = l.program_id and s.id = l.study_id';
/** The partner of a line as it was on the day of the sale. */
const PARTNER = `
  left join partner p on p.program_id = l.program_id and l.beneficiary_kind = 'partner' and p.id = l.beneficiary_id
  left join (
    select program_id, partner_id, type, market_code, effective_from,
      lead(effective_from, 1, 'infinity') over (partition by program_id, partner_id order by effective_from) as effective_until
    from partner_profile
    where program_id = $1
  ) f on f.program_id = p.program_id and f.partner_id = p.id and f.effective_from <= c.occurred_at and f.effective_until > c.occurred_at`;

/** What the lines of a study are summed by; dates and partner facts are those of the conversion's time. */
export const STUDY_GROUPS = {
  partnerType: { key: 'coalesce(f.type, p.type)', joins: `${CONVERSION} ${PARTNER}` },
  market: { key: 'coalesce(f.market_code, p.market_code)', joins: `${CONVERSION} ${PARTNER}` },
  channel: { key: 'l.channel', joins: '' },
  vertical: { key: 'c.vertical', joins: CONVERSION },
  conversionType: { key: 'c.type', joins: CONVERSION },
  // Who has no window of its own shares the state of the conversion.
  windowState: {
    key: `coalesce(l.window_state, case when cs.conversion_id is null then 'open' else 'locked' end)`,
    joins: `${STUDY}
      left join conversion_state cs on l.window_state is null and cs.program_id = l.program_id and cs.conversion_id = l.conversion_id
        and cs.locks_at <= s.cut_at`,
  },
} as const satisfies Record<string, Fact>;

export type StudyGroup = keyof typeof STUDY_GROUPS;

/** One figure before and after, and the difference that late evidence alone makes: `evidence − before`; the rule's is the rest. */
export interface Change {
  before: number;
  evidence: number;
  after: number;
}

/** What is left out of a figure on either side. */
type LeftOut = Pick<Change, 'before' | 'after'>;

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
  /** What is left out of these two, because no rate of its day was known at the cut; null: nothing. */
  valueWithoutRate: LeftOut | null;
  commissionWithoutRate: LeftOut | null;
}

/** The lines of one beneficiary. */
export interface BeneficiarySum extends StudySum {
  kind: 'partner' | 'channel' | 'program';
  id: string;
  name: string | null;
  type: string | null;
  market: string | null;
}

const SIDES = ['before', 'evidence', 'after'] as const;

/** The first channel that a line's parts name. */
const FIRST_CHANNEL = `coalesce(${['after', 'before', 'evidence', 'unchanged']
  .map((part) => `l.detail #> '{${part},0,channel}'`)
  .join(', ')})`;

/** The lines of a study, those of several channels taken apart. Most have one: their parts are the line. */
const CHANNELS = `
  select l.program_id, l.study_id, l.conversion_id, l.beneficiary_kind, l.beneficiary_id, l.value_currency, l.commission_currency, q.*
  from (
    select l.*,
      case when jsonb_path_query_array(l.detail, '$.**.channel') <@ jsonb_build_array(${FIRST_CHANNEL}) then ${FIRST_CHANNEL} #>> '{}' end as only_channel
    from study_line l
    where l.program_id = $1 and l.study_id = $2
    offset 0
  ) l
  cross join lateral (
    select l.only_channel as channel, l.share_before_e12, l.share_evidence_e12, l.share_after_e12, l.value_before_minor, l.value_evidence_minor,
      l.value_after_minor, l.commission_before_minor, l.commission_evidence_minor, l.commission_after_minor
    where l.only_channel is not null
    union all
    select q.channel, sum(q.sb), sum(q.se), sum(q.sa), sum(q.vb), sum(q.ve), sum(q.va), sum(q.cb), sum(q.ce), sum(q.ca)
    from (
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
      select m.channel, 0, 0, 0, 0, 0, 0, m.minor, 0, 0
      from jsonb_to_recordset(l.detail #> '{commission,before}') as m (channel text, minor bigint)
      union all
      select m.channel, 0, 0, 0, 0, 0, 0, 0, m.minor, 0
      from jsonb_to_recordset(l.detail #> '{commission,evidence}') as m (channel text, minor bigint)
      union all
      select m.channel, 0, 0, 0, 0, 0, 0, 0, 0, m.minor
      from jsonb_to_recordset(l.detail #> '{commission,after}') as m (channel text, minor bigint)
    ) q
    where l.only_channel is null
    group by q.channel
  ) q`;

const LINES = 'select * from study_line where program_id = $1 and study_id = $2';

/** A figure of a line on one side; evidence that changes nothing is what stood before. */
const figure = (name: string, unit: string) => (side: string) =>
  side === 'evidence' ? `coalesce(l.${name}_evidence_${unit}, l.${name}_before_${unit})` : `l.${name}_${side}_${unit}`;
const share = figure('share', 'e12');
const value = figure('value', 'minor');
const commission = figure('commission', 'minor');

const change = (sum: (side: string) => string) =>
  `json_build_object(${SIDES.map((side) => `'${side}', ${sum(side)}`).join(', ')})`;
const money = (name: string) => change((side) => `coalesce(sum(${name}_${side}), 0)::bigint`);
const sums = (name: string, of: (side: string) => string) =>
  SIDES.map((side) => `sum(${of(side)}) as ${name}_${side}`).join(', ');

const LEFT_OUT_SIDES = ['before', 'after'] as const;

const leftOut = (name: string, rate: string) =>
  LEFT_OUT_SIDES.map(
    (side) => `sum(l.${name}_${side}_minor) filter (where ${rate}.factor is null) as ${name}_without_rate_${side}`,
  ).join(', ');
const leftOutOf = (name: string) =>
  `case when count(${name}_without_rate_after) > 0 then
      json_build_object('before', sum(${name}_without_rate_before)::bigint, 'after', sum(${name}_without_rate_after)::bigint)
    end`;

/** Sums of money in the program's currency. Where no line has another currency they are the sums, and no rate is looked for. */
const CONVERTED = {
  sums: `, ${sums('program_value', (side) => `round(${value(side)} * vf.factor)`)},
    ${sums('program_commission', (side) => `round(${commission(side)} * cf.factor)`)},
    ${leftOut('value', 'vf')}, ${leftOut('commission', 'cf')}`,
  joins: `${RATE_JOINS}
    cross join lateral (select ${rateFactor('rv', 'l.value_currency')} as factor) vf
    cross join lateral (select ${rateFactor('rc', 'l.commission_currency')} as factor) cf`,
  shown: `${money('program_value')} as "programValue", ${money('program_commission')} as "programCommission",
    ${leftOutOf('value')} as "valueWithoutRate", ${leftOutOf('commission')} as "commissionWithoutRate"`,
};
const ALIKE = {
  sums: '',
  joins: '',
  shown: `${money('value')} as "programValue", ${money('commission')} as "programCommission",
    null::json as "valueWithoutRate", null::json as "commissionWithoutRate"`,
};

interface Sums {
  /** Expressions over a line, and their names. */
  keys: Record<string, string>;
  from?: string;
  joins?: string;
  /** One row per conversion first, so that each counts once however many of its lines have the same key. */
  isPerConversion?: boolean;
  /** More columns than the keys, expressions by their names, and where they come from. */
  more?: Record<string, string>;
  moreFrom?: string;
  order: string;
}

const namedAs = (columns: Record<string, string>) => Object.entries(columns).map(([name, of]) => `${of} as ${name}`);

/** Sums lines by keys and currencies in one statement. */
async function sumLines<Row extends StudySum>(
  tx: Tx,
  studyId: string,
  { keys, from = LINES, joins = '', isPerConversion = false, more = {}, moreFrom = '', order }: Sums,
): Promise<Row[]> {
  const parameters = await rateParameters(tx, studyId);
  const isForeign = await hasForeignLines(tx, studyId, parameters[2] as string);
  const program = isForeign ? CONVERTED : ALIKE;
  const names = Object.keys(keys);
  const groups = [...names, 'value_currency', 'commission_currency'];
  const needed = isForeign ? [STUDY, CONVERSION].filter((join) => !joins.includes(join)) : [];
  const { rows } = await tx.query<Row>(
    `with part as (
      select ${[...namedAs(keys), 'l.value_currency', 'l.commission_currency'].join(', ')}, count(*) as lines,
        ${sums('share', share)}, ${sums('value', value)}, ${sums('commission', commission)}${program.sums}
      from (${from}) l ${needed.join(' ')} ${joins} ${program.joins}
      group by ${groups.map((_, index) => index + 1).join(', ')}${isPerConversion ? ', l.conversion_id' : ''}
    )
    select ${[...names.map((name) => `part.${name}`), ...namedAs(more)].map((column) => `${column}, `).join('')}
      value_currency as "valueCurrency", commission_currency as "commissionCurrency",
      ${isPerConversion ? 'count(*)' : 'sum(lines)::bigint'} as conversions,
      ${change((side) => `sum(share_${side})`)} as shares, ${money('value')} as value, ${money('commission')} as commission,
      ${program.shown}
    from part ${moreFrom}
    group by ${[...groups.map((name) => `part.${name}`), ...Object.values(more)].join(', ')}
    order by ${order}`,
    isForeign ? parameters : parameters.slice(0, 2),
  );
  for (const row of rows) requireExact(row);
  return rows;
}

/** Money came as JSON, which the types of the connection do not look into; shares are told as a fraction and need not be exact. */
function requireExact({ value, commission, programValue, programCommission, ...row }: StudySum): void {
  for (const sum of [value, commission, programValue, programCommission]) for (const side of SIDES) safeSum(sum[side]);
  for (const sum of [row.valueWithoutRate, row.commissionWithoutRate])
    for (const side of LEFT_OUT_SIDES) safeSum(sum?.[side] ?? 0);
}

const MOST_MOVED = `abs(sum(commission_after) - sum(commission_before)) desc, abs(sum(share_after) - sum(share_before)) desc`;

/** The lines of a study by beneficiary, those who move most money first. A beneficiary has one line of a conversion. */
export function sumByBeneficiary(tx: Tx, studyId: string): Promise<BeneficiarySum[]> {
  return sumLines(tx, studyId, {
    keys: { kind: 'l.beneficiary_kind', id: 'l.beneficiary_id' },
    more: { name: 'p.name', type: 'p.type', market: 'p.market_code' },
    moreFrom: `left join partner p on p.program_id = $1 and kind = 'partner' and p.id = part.id`,
    order: `${MOST_MOVED}, kind, id, value_currency, commission_currency`,
  });
}

/** One group of a breakdown; the key is null for lines that have no such fact. */
export interface GroupSum extends StudySum {
  key: string | null;
}

/** The lines of a study by one fact and currency pair, in order of the fact. */
export function sumByFact(tx: Tx, studyId: string, group: StudyGroup): Promise<GroupSum[]> {
  const { key, joins } = STUDY_GROUPS[group];
  return sumLines(tx, studyId, {
    keys: { key },
    from: group === 'channel' ? CHANNELS : LINES,
    joins,
    isPerConversion: true,
    order: 'key nulls last, value_currency, commission_currency',
  });
}

/** All lines by currency pair: what the totals of the study are made from. `conversions` counts lines here. */
export function sumByCurrency(tx: Tx, studyId: string): Promise<StudySum[]> {
  return sumLines(tx, studyId, { keys: {}, order: 'value_currency, commission_currency' });
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
