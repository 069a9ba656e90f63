import { MOST_STEPS } from '../../domain/attribution/paths.ts';
import type { Tx } from '../transaction.ts';

/** What a person touched before one conversion, oldest channel first: the newest 1,000 touchpoints. */
export interface ConvertedJourney {
  path: string[];
  /** The type of the partner behind each touchpoint when it happened, null for own channels; with `withPartnerTypes`. */
  partnerTypes?: (string | null)[];
  /** Age of each touchpoint at the conversion, microseconds. */
  agesMicros: number[];
  /** What remains of its value after refunds. */
  minor: number;
  currency: string;
  /** UTC day of the conversion, YYYY-MM-DD. */
  day: string;
  /** Whether there were more touchpoints. */
  isCut: boolean;
}

/** How far back a journey reaches: the default lookback of a policy. */
export const REACH = '30 days';

/** Of touchpoint `t`: not voided, and its person did not take the consent back. */
export const WALKED = `not exists (select from touchpoint_void v where v.program_id = t.program_id and v.touchpoint_id = t.id)
  and not exists (select from consent_withdrawal w where w.program_id = t.program_id and w.identity_id = t.identity_id)`;

/** The range of event time to read, at most so many rows. */
interface JourneyRange {
  from: string;
  to: string;
  limit: number;
  withPartnerTypes?: boolean;
}

/** The type of the partner of touchpoint `t` when it happened; null for an own channel. */
const PARTNER_TYPE = `(
  select coalesce((
    select f.type from partner_profile f
    where f.program_id = p.program_id and f.partner_id = p.id and f.effective_from <= t.occurred_at order by f.effective_from desc limit 1
  ), p.type)
  from partner p where p.program_id = t.program_id and p.id = t.partner_id)`;

/** Says with constants which partitions of touchpoints a range can reach; without it each conversion would look into all of them. */
const IN_PARTITIONS = `t.occurred_at < $3::timestamptz and t.occurred_at >= $2::timestamptz - interval '${REACH}'`;

/** Of conversion `c` with its state `s`: what remains of its value after refunds, and its UTC day. */
const REMAINING = 'coalesce(case when s.generation > 0 then s.remaining_minor end, c.value_minor)';
const DAY = `(c.occurred_at at time zone 'UTC')::date::text`;

/** Steps of a walk in their order; with types the touchpoints of one path differ by them too. */
const IN_ORDER = 'order by t.occurred_at, t.received_at, t.id';
const NEWEST = `[greatest(count(*) - ${MOST_STEPS - 1}, 1)::int:]`;
const newest = (step: string) => `(array_agg(${step} ${IN_ORDER}))${NEWEST}`;
const typesOf = (wanted: boolean) => (wanted ? newest(PARTNER_TYPE) : 'null::text[]');
/** Whether a walk is longer than what is read of it. */
const IS_CUT = `count(*) > ${MOST_STEPS} as "isCut"`;

/**
 * The journeys of the conversions of a range of event time: every touchpoint of the same person within 30 days before each conversion.
 * Conversions that nobody touched have no path and are left out.
 */
export async function listConvertedJourneys(
  tx: Tx,
  { from, to, limit, withPartnerTypes = false }: JourneyRange,
): Promise<ConvertedJourney[]> {
  const { rows } = await tx.query<Omit<ConvertedJourney, 'agesMicros'> & { ages: string[] }>(
    `select ${newest('t.channel')} as path, ${typesOf(withPartnerTypes)} as "partnerTypes",
       ${newest('(extract(epoch from c.occurred_at - t.occurred_at) * 1000000)::bigint::text')} as ages, ${IS_CUT},
       ${REMAINING} as minor, c.currency, ${DAY} as day
     from conversion c
     left join conversion_state s on s.program_id = c.program_id and s.conversion_id = c.id
     join identity own on own.program_id = c.program_id and own.id = c.identity_id
     join identity i on i.program_id = c.program_id and i.component_id = own.component_id
     join touchpoint t on t.program_id = c.program_id and t.identity_id = i.id
       and t.occurred_at <= c.occurred_at and t.occurred_at >= c.occurred_at - $4::interval
       and ${IN_PARTITIONS}
     where c.program_id = $1 and c.occurred_at >= $2 and c.occurred_at < $3 and ${WALKED}
     group by c.id, s.generation, s.remaining_minor, c.value_minor, c.currency, c.occurred_at
     order by c.id
     limit $5`,
    [tx.programId, from, to, REACH, limit],
  );
  return rows.map(({ ages, partnerTypes, ...row }) => ({
    ...row,
    agesMicros: ages.map(Number),
    partnerTypes: partnerTypes ?? undefined,
  }));
}

/** The conversions of one currency and UTC day: how many, and what remains of their value after refunds. */
export interface ConversionSum {
  conversions: number;
  minor: number;
  currency: string;
  day: string;
}

/** All conversions of a range of event time, whether somebody touched them or not, by currency and day. */
export async function sumConversions(tx: Tx, { from, to }: { from: string; to: string }): Promise<ConversionSum[]> {
  const { rows } = await tx.query<Omit<ConversionSum, 'minor'> & { minor: string }>(
    `select count(*)::int as conversions, sum(${REMAINING})::text as minor, c.currency, ${DAY} as day
     from conversion c
     left join conversion_state s on s.program_id = c.program_id and s.conversion_id = c.id
     where c.program_id = $1 and c.occurred_at >= $2 and c.occurred_at < $3
     group by c.currency, ${DAY}
     order by c.currency, ${DAY}`,
    [tx.programId, from, to],
  );
  return rows.map(({ minor, ...row }) => ({ ...row, minor: Number(minor) }));
}

/** A path that nobody bought on, and how many went it. */
export interface NullPath {
  path: string[];
  partnerTypes: (string | null)[] | null;
  nulls: number;
  /** How many of them touched more before it: a path holds the newest 1,000 touchpoints. */
  cut: number;
}

/** Persons with touchpoints and no conversion in the range, by what they touched in it. */
export async function countNullPaths(
  tx: Tx,
  { from, to, limit, withPartnerTypes = false }: JourneyRange,
): Promise<NullPath[]> {
  const { rows } = await tx.query<NullPath>(
    `with walked as (
       select i.component_id, ${newest('t.channel')} as path, ${typesOf(withPartnerTypes)} as types, ${IS_CUT}
       from touchpoint t
       join identity i on i.program_id = t.program_id and i.id = t.identity_id
       where t.program_id = $1 and t.occurred_at >= $2 and t.occurred_at < $3 and ${WALKED}
         and not exists (
           select from identity other
           join conversion c on c.program_id = other.program_id and c.identity_id = other.id and c.occurred_at >= $2 and c.occurred_at < $3
           where other.program_id = t.program_id and other.component_id = i.component_id
         )
       group by i.component_id
     )
     select path, types as "partnerTypes", count(*)::int as nulls, (count(*) filter (where "isCut"))::int as cut
     from walked group by path, types order by path, types limit $4`,
    [tx.programId, from, to, limit],
  );
  return rows;
}

/** An import of aggregated paths; undefined when there is none of that id. */
export async function findJourneyImport(tx: Tx, id: string): Promise<{ kind: string; state: string } | undefined> {
  const { rows } = await tx.query<{ kind: string; state: string }>(
    'select kind, state from import where program_id = $1 and id = $2',
    [tx.programId, id],
  );
  return rows[0];
}

/** How many paths an import has, and how many steps in all. */
export async function measureImport(tx: Tx, importId: string): Promise<{ paths: number; steps: number }> {
  const { rows } = await tx.query<{ paths: number; steps: string }>(
    `select count(*)::int as paths, coalesce(sum(cardinality(path)), 0)::text as steps
     from import_journey where program_id = $1 and import_id = $2`,
    [tx.programId, importId],
  );
  return { paths: rows[0]!.paths, steps: Number(rows[0]!.steps) };
}

/** The aggregated paths of an import. `value` is a plain decimal without currency. */
export async function listImportedPaths(
  tx: Tx,
  importId: string,
): Promise<{ line: number; path: string[]; conversions: number; value: number; nulls: number }[]> {
  const { rows } = await tx.query<{ line: number; path: string[]; conversions: number; value: string; nulls: number }>(
    'select line, path, conversions, value, nulls from import_journey where program_id = $1 and import_id = $2 order by line',
    [tx.programId, importId],
  );
  return rows.map(({ value, ...row }) => ({ ...row, value: Number(value) }));
}
