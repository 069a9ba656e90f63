import type { TouchpointKind } from '../../domain/contract/terms.ts';
import type { Tx } from '../transaction.ts';
import { lookup } from './lookup.ts';
import { mergedIds } from './merged-ids.ts';

/** Until when evidence counts for a conversion: what was received before this instant. */
export interface EvidenceScope {
  conversionId: string;
  identityId: string;
  before: string;
  /** When the conversion was locked; null while it is open. */
  lockedAt: string | null;
  /** When it happened. */
  occurredAt: string;
}

export interface TouchpointFact {
  conversionId: string;
  id: string;
  occurredAt: string;
  receivedAt: string;
  kind: TouchpointKind;
  channel: string;
  partnerId: string | null;
  contentId: string | null;
  subId: string | null;
  bot: boolean;
  isVoided: boolean;
}

/** Which journeys are read. */
export interface JourneyReading {
  scopes: readonly EvidenceScope[];
  /** Approved additions count whenever they came before it, and so do voids. */
  horizon: string;
  /** Leaves out what is later than the conversion, or older by more than this; null: nothing, for explanations. */
  reachMicros: number | null;
}

/** The values of `JOURNEYS`, $1 to $8. */
export function journeyParameters(tx: Tx, { scopes, horizon, reachMicros }: JourneyReading): Parameter[] {
  return [
    tx.programId,
    scopes.map(({ conversionId }) => conversionId),
    scopes.map(({ identityId }) => identityId),
    scopes.map(({ before }) => before),
    horizon,
    scopes.map(({ lockedAt }) => lockedAt),
    scopes.map(({ occurredAt }) => occurredAt),
    `${Math.ceil(reachMicros ?? 0)} microseconds`,
  ];
}

type Parameter = string | null | (string | null)[];

/** The same statement with its values written into it, for COPY, which takes none. */
export function withLiterals(tx: Tx, text: string, values: readonly Parameter[]): string {
  const literal = (value: string | null) => (value === null ? 'null' : tx.client.escapeLiteral(value));
  return text.replaceAll(/\$(\d+)/g, (_, place: string) => {
    const value = values[Number(place) - 1]!;
    return Array.isArray(value) ? `array[${value.map(literal).join()}]` : literal(value);
  });
}

/**
 * The persons of each conversion (`person`), by the merges received before its own limit. Of one who took the consent back it says until when
 * touchpoints were settled: asked once for each, not once for each touchpoint.
 */
export const PERSONS = `with recursive scope as (
    select conversion_id, identity_id, before, locked_at, occurred_at, occurred_at - $8::interval as from_at
    from unnest($2::text[], $3::text[], $4::timestamptz[], $6::timestamptz[], $7::timestamptz[])
      as s (conversion_id, identity_id, before, locked_at, occurred_at)
  ),
  reach as (
    select conversion_id, identity_id as id, before, locked_at, occurred_at, from_at from scope
    union
    select r.conversion_id, e.other, r.before, r.locked_at, r.occurred_at, r.from_at
    from reach r
    ${mergedIds('r.before')}
  ),
  person as materialized (
    select r.conversion_id, r.id, r.before, r.locked_at, r.occurred_at, r.from_at, withdrawn.is_withdrawn, withdrawn.settled_before
    from reach r
    left join lateral (
      select true as is_withdrawn, case when w.received_at >= r.locked_at then greatest(r.locked_at, (
          select max(v.cut_at) from evaluation v
          join study_line l on l.program_id = v.program_id and l.study_id = v.study_id and l.conversion_id = r.conversion_id
          where v.program_id = $1 and v.state in ('executed', 'done') and v.cut_at <= w.received_at
        )) end as settled_before
      from consent_withdrawal w
      where w.program_id = $1 and w.identity_id = r.id and w.received_at < r.before
    ) withdrawn on true
  )`;

// A column of its own: under row-level security only a comparison with a column reaches the index.
const IS_IN_REACH = 'and t.occurred_at <= r.occurred_at and t.occurred_at >= r.from_at';
const IS_SEEN = `(t.received_at < r.before or (t.approved_by is not null and t.received_at < $5))
      and (r.is_withdrawn is null or t.received_at < r.settled_before or (t.approved_by is not null and r.settled_before is not null))`;

/**
 * Everything (`t`) that the persons touched, received before each conversion's own limit. A person who took the consent back is in no journey;
 * only a conversion that was locked before keeps what was settled by then: at its lock, or at the cut of a later evaluation that covered it.
 * @param only what else they must be, where an index knows it
 */
export function touchedBy(reachMicros: number | null, only = 'true'): string {
  const seen = `t.identity_id = r.id ${reachMicros === null ? '' : IS_IN_REACH} and ${IS_SEEN} and ${only}`;
  return `person r
    ${lookup('touchpoint', 't', seen)}`;
}

/** A void that was received before the horizon. */
export const VOID = `select from touchpoint_void v where v.program_id = $1 and v.touchpoint_id = t.id and v.received_at < $5`;

export const TOUCHPOINT = `r.conversion_id as "conversionId", t.id, t.occurred_at as "occurredAt", t.received_at as "receivedAt", t.kind, t.channel,
  t.partner_id as "partnerId", t.content_id as "contentId", t.sub_id as "subId", t.bot, exists (${VOID}) as "isVoided"`;

/**
 * Everything that the person of each conversion touched, by the merges and touchpoints received before each one's own limit.
 * @param most touchpoints of all together, so that nobody's journey fills the memory
 * @returns null when there are more
 */
export async function readJourneys(tx: Tx, reading: JourneyReading, most: number): Promise<TouchpointFact[] | null> {
  if (reading.scopes.length === 0) return [];
  const { rows } = await tx.query<TouchpointFact>(
    `${PERSONS} select ${TOUCHPOINT} from ${touchedBy(reading.reachMicros)} limit $9`,
    [...journeyParameters(tx, reading), most + 1],
  );
  return rows.length > most ? null : rows;
}

/** One partner's part of what `readJourneys` reads. */
export async function readPartnerJourneys(
  tx: Tx,
  reading: JourneyReading,
  partnerId: string,
): Promise<TouchpointFact[]> {
  const { rows } = await tx.query<TouchpointFact>(
    `${PERSONS} select ${TOUCHPOINT} from ${touchedBy(reading.reachMicros, 't.partner_id = $9')}`,
    [...journeyParameters(tx, reading), partnerId],
  );
  return rows;
}

/** How many touchpoints `readJourneys` would read for each conversion, by its id; `most + 1` stands for more than `most`. */
export async function countJourneys(tx: Tx, reading: JourneyReading, most: number): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ id: string; touchpoints: number }>(
    `${PERSONS}
     select s.conversion_id as id, j.touchpoints
     from (select distinct conversion_id from scope) s
     cross join lateral (
       select count(*) as touchpoints
       from (select from ${touchedBy(reading.reachMicros)} where r.conversion_id = s.conversion_id limit $9) j
     ) j`,
    [...journeyParameters(tx, reading), most + 1],
  );
  return new Map(rows.map(({ id, touchpoints }) => [id, touchpoints]));
}
