import type { Role } from '../../domain/task/kinds.ts';
import type { Tx } from '../transaction.ts';

/** What the rules of authority must know of a person: roles, partners they are linked to, whom they stand in for now. */
export interface Decider {
  personId: string;
  roles: Role[];
  conflicts: string[];
  standsInFor: { personId: string; roles: Role[]; conflicts: string[] }[];
}

/** The person as a decider at that instant; undefined when unknown or disabled. */
export async function readDecider(tx: Tx, personId: string, at: string): Promise<Decider | undefined> {
  const { rows } = await tx.query<{ id: string; is_self: boolean; roles: Role[]; conflicts: string[] }>(
    `select u.id, u.id = $2 as is_self,
            array(select role from membership m where m.program_id = u.program_id and m.person_id = u.id order by role) as roles,
            array(select partner_id from person_conflict c where c.program_id = u.program_id and c.person_id = u.id order by partner_id) as conflicts
     from app_user u
     where u.program_id = $1 and u.disabled_at is null
       and (u.id = $2 or u.id in (
         select stands_for_id from delegation
         where program_id = $1 and delegate_id = $2 and from_at <= $3 and until_at > $3))
     order by u.id`,
    [tx.programId, personId, at],
  );
  const self = rows.find((row) => row.is_self);
  if (!self) return undefined;
  const standsInFor = rows
    .filter((row) => !row.is_self)
    .map((row) => ({ personId: row.id, roles: row.roles, conflicts: row.conflicts }));
  return { personId, roles: self.roles, conflicts: self.conflicts, standsInFor };
}
