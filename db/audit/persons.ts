import type { Tx } from '../transaction.ts';
import type { Fault } from './books.ts';

/** Who took the consent back is named by no value, and merged with nobody who did not. */
export async function findNamedAfterWithdrawal(tx: Tx): Promise<Fault> {
  const { rows } = await tx.query<{ fault: string }>(
    `select 'Identity ' || i.id || ' still has the value that names a person who withdrew the consent.' as fault
     from consent_withdrawal w
     join identity i on i.program_id = w.program_id and i.id = w.identity_id
     where w.program_id = $1 and i.value not like 'withdrawn:%'
     union all
     select 'Merge ' || m.id || ' joins a person who withdrew the consent with one who did not.'
     from consent_withdrawal w
     join lateral (
       select m.id, m.b_id as other, m.refused_reason from identity_merge m where m.program_id = $1 and m.a_id = w.identity_id
       union all
       select m.id, m.a_id, m.refused_reason from identity_merge m where m.program_id = $1 and m.b_id = w.identity_id
     ) m on m.refused_reason is null
     where w.program_id = $1
       and not exists (select from identity_merge_undo u where u.program_id = $1 and u.merge_id = m.id)
       and not exists (select from consent_withdrawal o where o.program_id = $1 and o.identity_id = m.other)
     limit 1`,
    [tx.programId],
  );
  return rows[0]?.fault ?? null;
}
