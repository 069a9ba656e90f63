import type { Tx } from '../transaction.ts';
import { heirsBelow } from './heirs-below.ts';
import { lookup } from './lookup.ts';
import { everMergedIds } from './merged-ids.ts';

/** An id of a person, and since when its conversions must be looked at again. */
export interface PersonScope {
  identityId: string;
  fromAt: string | null;
}

/**
 * The conversions, received before the horizon, of everybody who is, or was, in the unions of these ids, that happened at `fromAt` or later. A merge
 * that was taken back after a conversion was locked still counts for it.
 */
export async function conversionsOfPersons(tx: Tx, scopes: readonly PersonScope[], horizon: string): Promise<string[]> {
  if (scopes.length === 0) return [];
  const { rows } = await tx.query<{ id: string }>(
    `with recursive scope as (
       select identity_id, min(coalesce(from_at, '-infinity')) as from_at
       from unnest($2::text[], $3::timestamptz[]) as s (identity_id, from_at)
       group by identity_id
     ),
     reach as (
       select identity_id as root, identity_id as id from scope
       union
       select r.root, e.other
       from reach r
       ${everMergedIds('$4')}
     )
     select distinct c.id
     from reach r
     join scope s on s.identity_id = r.root
     join conversion c on c.program_id = $1 and c.identity_id = r.id and c.occurred_at >= s.from_at and c.received_at < $4`,
    [tx.programId, scopes.map(({ identityId }) => identityId), scopes.map(({ fromAt }) => fromAt), horizon],
  );
  return rows.map(({ id }) => id);
}

/** The conversions with these external ids that were received before the horizon. */
export async function conversionsByExternalId(
  tx: Tx,
  externalIds: readonly string[],
  horizon: string,
): Promise<string[]> {
  if (externalIds.length === 0) return [];
  const { rows } = await tx.query<{ id: string }>(
    'select id from conversion where program_id = $1 and external_id = any ($2) and received_at < $3',
    [tx.programId, externalIds, horizon],
  );
  return rows.map(({ id }) => id);
}

/** Conversions that name one of these as their parent. */
export async function childrenOf(tx: Tx, conversionIds: readonly string[], horizon: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select child.id
     from conversion parent
     join conversion child on child.program_id = parent.program_id and child.parent_external_id = parent.external_id
     where parent.program_id = $1 and parent.id = any ($2) and child.received_at < $3`,
    [tx.programId, conversionIds, horizon],
  );
  return rows.map(({ id }) => id);
}

/** The locked conversions below these, level by level, that were received before the horizon. */
export async function lockedHeirsBelow(
  tx: Tx,
  conversionIds: readonly string[],
  { horizon, sealedAt }: { horizon: string; sealedAt: string },
): Promise<string[]> {
  if (conversionIds.length === 0) return [];
  const { rows } = await tx.query<{ id: string }>(
    `${heirsBelow()}
     select b.id
     from below b
     ${lookup('conversion_state', 's', 's.conversion_id = b.id and s.locks_at <= $4')}
     where b.id <> all ($2)`,
    [tx.programId, conversionIds, horizon, sealedAt],
  );
  return rows.map(({ id }) => id);
}

/** A slice of a range of event time, in order of (occurredAt, id), after the conversion `afterId`. */
export interface RangeScope {
  fromAt: string;
  toAt: string | null;
  afterId: string | null;
  /** Only conversions that this partner has a credit of, or touched before them: what holds for it now may give it one. */
  partnerId: string | null;
  /** Only what was received at or after the cut of this evaluation. */
  sinceCutOf: string | null;
}

/** @returns at most `limit` conversions of the range, and where the rest begins (null: nothing is left) */
export async function conversionsOfRange(
  tx: Tx,
  range: RangeScope,
  limit: number,
  horizon: string,
): Promise<{ ids: string[]; rest: { fromAt: string; afterId: string } | null }> {
  const { rows } = await tx.query<{ id: string; at: string }>(
    `select c.id, c.occurred_at as at
     from conversion c
     where c.program_id = $1 and (c.occurred_at, c.id) > ($2, $3) and ($4::timestamptz is null or c.occurred_at < $4) and c.received_at < $5
       and ($6::text is null or exists (
         select from credit k where k.program_id = $1 and k.conversion_id = c.id and k.conversion_at = c.occurred_at
           and k.beneficiary_kind = 'partner' and k.beneficiary_id = $6
       ) or exists (
         select from identity own
         ${lookup('identity', 'i', 'i.component_id = own.component_id')}
         ${lookup('touchpoint', 't', 't.identity_id = i.id and t.occurred_at <= c.occurred_at and t.partner_id = $6')}
         where own.program_id = $1 and own.id = c.identity_id
       ))
       and ($8::text is null or c.received_at >= (select e.cut_at from evaluation e where e.program_id = $1 and e.id = $8))
     order by c.occurred_at, c.id
     limit $7`,
    [tx.programId, range.fromAt, range.afterId ?? '', range.toAt, horizon, range.partnerId, limit, range.sinceCutOf],
  );
  const last = rows.at(-1);
  return {
    ids: rows.map(({ id }) => id),
    rest: last && rows.length === limit ? { fromAt: last.at, afterId: last.id } : null,
  };
}

/**
 * A slice of the conversions that a partner has a credit of and that are not locked, in order of (occurredAt, id): few, and found by its credits,
 * so that the range may be as long as its contract.
 */
export async function openConversionsOfPartner(
  tx: Tx,
  open: Omit<RangeScope, 'sinceCutOf' | 'partnerId'> & { partnerId: string; sealedAt: string },
  limit: number,
): Promise<{ ids: string[]; rest: { fromAt: string; afterId: string } | null }> {
  const { rows } = await tx.query<{ id: string; at: string }>(
    `select k.conversion_id as id, k.conversion_at as at
     from credit k
     ${lookup('conversion_state', 's', 's.conversion_id = k.conversion_id and s.generation = k.generation')}
     where k.program_id = $1 and k.beneficiary_kind = 'partner' and k.beneficiary_id = $2
       and (k.conversion_at, k.conversion_id) > ($3, $4) and ($5::timestamptz is null or k.conversion_at < $5)
       and (s.locks_at is null or s.locks_at > $6)
     group by k.conversion_id, k.conversion_at
     order by k.conversion_at, k.conversion_id
     limit $7`,
    [tx.programId, open.partnerId, open.fromAt, open.afterId ?? '', open.toAt, open.sealedAt, limit],
  );
  const last = rows.at(-1);
  return {
    ids: rows.map(({ id }) => id),
    rest: last && rows.length === limit ? { fromAt: last.at, afterId: last.id } : null,
  };
}

/** The first conversions of an evaluation's study between two ids (`afterId` exclusive, `lastId` inclusive), ascending. */
export async function conversionsOfEvaluation(
  tx: Tx,
  evaluationId: string,
  { afterId, lastId, limit }: { afterId: string; lastId: string; limit: number },
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select distinct l.conversion_id as id
     from evaluation e
     join study_line l on l.program_id = e.program_id and l.study_id = e.study_id
     where e.program_id = $1 and e.id = $2 and l.conversion_id > $3 and l.conversion_id <= $4
     order by id
     limit $5`,
    [tx.programId, evaluationId, afterId, lastId, limit],
  );
  return rows.map(({ id }) => id);
}

/**
 * Of the parents of these conversions, and theirs, those that an evaluation studied and has not reached yet. Those beyond one that it has
 * reached were reached with it.
 */
export async function uncoveredAncestors(
  tx: Tx,
  evaluationId: string,
  conversionIds: readonly string[],
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `with recursive reach as (
       select c.id, c.parent_external_id
       from unnest($3::text[]) as a (id)
       ${lookup('conversion', 'c', 'c.id = a.id')}
       where c.parent_external_id is not null
       union
       select c.id, c.parent_external_id
       from reach r
       ${lookup('conversion', 'c', 'c.external_id = r.parent_external_id')}
       ${lookup('conversion_state', 's', 's.conversion_id = c.id and s.evaluation_id is distinct from $2')}
       where exists (
         select from evaluation e
         join study_line l on l.program_id = e.program_id and l.study_id = e.study_id
         where e.program_id = $1 and e.id = $2 and l.conversion_id = c.id
       )
     )
     select id from reach where id <> all ($3)`,
    [tx.programId, evaluationId, conversionIds],
  );
  return rows.map(({ id }) => id);
}
