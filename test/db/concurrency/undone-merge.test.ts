import { expect, it } from '@jest/globals';
import type pg from 'pg';
import { ensureIdentities } from '../../../db/intake/identity.ts';
import { addMerges } from '../../../db/intake/merge.ts';
import { undoMerge } from '../../../db/intake/merge-undo.ts';
import { joinIntake } from '../../../db/locks.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Tx } from '../../../db/transaction.ts';
import { eventually } from '../../support/eventually.ts';
import { useGround } from './ground.ts';
import { hold, untilWaiting } from './held.ts';

let pool: Pool;
let root: pg.Client;
let programId: string;
useGround((ground) => ({ pool, root, programId } = ground));

/** Resolves once a session of the application waits for this one. */
const untilBehind = (root: pg.Client) =>
  eventually(async () => {
    const { rowCount } = await root.query(
      `select from pg_stat_activity
       where datname = current_database() and application_name = 'tandem' and pg_backend_pid() = any (pg_blocking_pids(pid))`,
    );
    if (rowCount === 0) throw new Error('Nobody waits for this session.');
  });

/** One person of these two visitors. */
async function merge(tx: Tx, a: string, b: string): Promise<void> {
  const receivedAt = await joinIntake(tx);
  const [one, other] = [a, b].map((value) => ({ kind: 'visitor' as const, value }));
  const ids = await ensureIdentities(tx, [one!, other!]);
  const occurredAt = '2026-03-01T00:00:00Z';
  await addMerges(tx, [{ aId: ids.of(one!), bId: ids.of(other!), cause: 'test', occurredAt }], receivedAt);
}

it('an undo that waited for a merge holds the union that came of it, before it writes', async () => {
  // In this order, so that the union is named anew by an id that the undo does not name.
  await inTransaction(pool, programId, (tx) => merge(tx, 'zoe', 'yan'));
  await inTransaction(pool, programId, (tx) => merge(tx, 'ann', 'ben'));
  const { rows } = await root.query<{ id: string }>(
    `select m.id from identity_merge m join identity i on i.program_id = m.program_id and i.id = m.a_id where i.value in ('ann', 'ben')`,
  );
  const mergeId = rows[0]!.id;
  const growing = await hold(pool, programId);
  await merge(growing.tx, 'zoe', 'ann');
  const undo = inTransaction(pool, programId, (tx) => undoMerge(tx, { mergeId, reason: 'Another', by: 'per_x' }));
  await untilWaiting(root, 1);
  // The undo stops at this row once it has its locks.
  await root.query('begin');
  await root.query(
    `insert into identity_merge_undo (program_id, merge_id, reason, undone_by, received_at) values ($1, $2, 'Held', 'per_y', now())`,
    [programId, mergeId],
  );
  await growing.commit();
  await untilBehind(root);
  const free = await root.query(
    'select value from identity where program_id = $1 order by value for no key update skip locked',
    [programId],
  );
  await root.query('rollback');
  expect(await undo).toBe(true);
  expect(free.rows).toEqual([]);
});
