import type { Tx } from '../transaction.ts';

/** Work of feed or poster that failed three times, with the last error. */
export interface SetAsideWork {
  id: string;
  queue: 'intake_work' | 'commission_work';
  work: Record<string, unknown>;
  error: string;
  at: string;
  partnerId: string | null;
}

const COLUMNS = `id, queue, work, error, at, work ->> 'partner_id' as "partnerId"`;

export async function findSetAsideWork(tx: Tx, id: string): Promise<SetAsideWork | undefined> {
  const { rows } = await tx.query<SetAsideWork>(
    `select ${COLUMNS} from work_set_aside where program_id = $1 and id = $2`,
    [tx.programId, id],
  );
  return rows[0];
}

/** Ids of work about which nobody was asked yet, oldest first. */
export async function listUnaskedWork(tx: Tx, limit = 100): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from work_set_aside w
     where program_id = $1
       and not exists (select from workflow_run r where r.program_id = w.program_id and r.workflow_id = 'approval/work/' || w.id)
     order by at
     limit $2`,
    [tx.programId, limit],
  );
  return rows.map(({ id }) => id);
}

/** Puts work back into its queue with the stamp of its cause, so that it is tried again. @returns whether it was set aside until now */
export async function requeueSetAsideWork(tx: Tx, { id, queue }: SetAsideWork): Promise<boolean> {
  const columns =
    queue === 'intake_work'
      ? 'kind, conversion_id, identity_id, partner_id, external_id, evaluation_id, from_at, to_at, identity_ids, from_ats, received_at'
      : 'partner_id, conversion_id, evaluation_id, received_at';
  const { rowCount } = await tx.query(
    `with gone as (delete from work_set_aside where program_id = $1 and id = $2 and queue = $3 returning work)
     insert into ${queue} (program_id, ${columns})
     select $1, ${columns} from gone, jsonb_populate_record(null::${queue}, gone.work)`,
    [tx.programId, id, queue],
  );
  return rowCount === 1;
}
