import { instantText } from '../instant-text.ts';
import type { Tx } from '../transaction.ts';

/** An id that names a person: a visitor, a customer, or the hash of an e-mail address. */
export interface NamedIdentity {
  id: string;
  kind: 'visitor' | 'customer' | 'email';
  value: string;
}

/** One line of the merge log: two ids that an event said are one person, and whether that was taken back. */
export interface IdentityMerge {
  id: string;
  a: NamedIdentity;
  b: NamedIdentity;
  /** The event that said so, for instance `conversion/cnv_…`. */
  cause: string;
  /** Why the two were not joined all the same; null when they were. */
  refusedReason: string | null;
  occurredAt: string;
  receivedAt: string;
  undo: { reason: string; by: string; at: string } | null;
}

/** Whose merges: one of these names the person. */
export interface PersonFilter {
  identityId?: string;
  visitorId?: string;
  customerId?: string;
  emailHash?: string;
  conversionId?: string;
}

const named = (alias: string) => `json_build_object('id', ${alias}.id, 'kind', ${alias}.kind, 'value', ${alias}.value)`;

const MERGES = `
  select m.id, ${named('a')} as a, ${named('b')} as b, m.cause, m.refused_reason as "refusedReason", m.occurred_at as "occurredAt",
    m.received_at as "receivedAt",
    case when u.merge_id is not null then
      json_build_object('reason', u.reason, 'by', u.undone_by, 'at', ${instantText('u.received_at')})
    end as undo
  from identity_merge m
  join identity a on a.program_id = m.program_id and a.id = m.a_id
  join identity b on b.program_id = m.program_id and b.id = m.b_id
  left join identity_merge_undo u on u.program_id = m.program_id and u.merge_id = m.id`;

/** The merges of everybody who is one person with the named one now, those that were taken back too; in order of their ids. */
export async function listIdentityMerges(
  tx: Tx,
  person: PersonFilter,
  page: { afterId?: string; limit: number },
): Promise<IdentityMerge[]> {
  const { rows } = await tx.query<IdentityMerge>(
    `with own as (
       select component_id from identity
       where program_id = $1 and (id = $2 or (kind = 'visitor' and value = $3) or (kind = 'customer' and value = $4)
         or (kind = 'email' and value = $5)
         or id = (select identity_id from conversion where program_id = $1 and id = $6))
     ),
     ids as (
       select i.id from own join identity i on i.program_id = $1 and i.component_id = own.component_id
     )
     ${MERGES}
     where m.program_id = $1 and (m.a_id in (select id from ids) or m.b_id in (select id from ids)) and ($7::text is null or m.id > $7)
     order by m.id
     limit $8`,
    [
      tx.programId,
      person.identityId ?? null,
      person.visitorId ?? null,
      person.customerId ?? null,
      person.emailHash ?? null,
      person.conversionId ?? null,
      page.afterId ?? null,
      page.limit,
    ],
  );
  return rows;
}

export async function findIdentityMerge(tx: Tx, id: string): Promise<IdentityMerge | undefined> {
  const { rows } = await tx.query<IdentityMerge>(`${MERGES} where m.program_id = $1 and m.id = $2`, [tx.programId, id]);
  return rows[0];
}
