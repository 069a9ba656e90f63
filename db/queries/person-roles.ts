import type { Role } from '../../domain/task/kinds.ts';
import type { Tx } from '../transaction.ts';

/** Roles of a person and the partners they are linked to; undefined when unknown or disabled. */
export async function readRoles(tx: Tx, personId: string): Promise<{ roles: Role[]; conflicts: string[] } | undefined> {
  const { rows } = await tx.query<{ roles: Role[]; conflicts: string[] }>(
    `select array(select role from membership m where m.program_id = u.program_id and m.person_id = u.id order by role) as roles,
            array(select partner_id from person_conflict c where c.program_id = u.program_id and c.person_id = u.id
                  order by partner_id) as conflicts
     from app_user u where u.program_id = $1 and u.id = $2 and u.disabled_at is null`,
    [tx.programId, personId],
  );
  return rows[0];
}
