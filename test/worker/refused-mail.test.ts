import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Worker } from '@temporalio/worker';
import { createHistorySweep } from '../../activities/chores/archive-histories.ts';
import { createMailRound } from '../../activities/chores/send-mails.ts';
import { createActivities } from '../../activities/index.ts';
import { taskQueues } from '../../activities/deps.ts';
import { createMailSender } from '../../activities/mail/sender.ts';
import { newId } from '../../db/ids.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { queueMail } from '../../db/queries/mail-outbox.ts';
import { inTransaction } from '../../db/transaction.ts';
import { createLogger } from '../../runtime/log.ts';
import { makeProgram } from '../../stack/seed/program.ts';
import { createWorker } from '../../worker/worker.ts';
import type { RunningWorkers } from '../../worker/worker.ts';
import { workflowBundle } from '../support/bundle.ts';
import { eventually } from '../support/eventually.ts';
import { aPartner } from '../support/ground.ts';
import { startTestSmtp } from '../support/smtp.ts';
import type { TestSmtp } from '../support/smtp.ts';
import { startTestPostgres, startTestTemporal } from '../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../support/stack.ts';

const programId = newId('program');
const log = createLogger('test', { level: 'silent' });
let postgres: TestPostgres;
let temporal: TestTemporal;
let pool: Pool;
let behind: pg.Pool;
let workers: RunningWorkers;
let smtp: TestSmtp;
let round: () => Promise<number>;

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  smtp = await startTestSmtp({ refuse: (address) => (address.startsWith('gone') ? 550 : undefined) });
  pool = createPool({ url: postgres.url });
  behind = new pg.Pool({ connectionString: postgres.superuserUrl, max: 1 });
  await makeProgram(pool, { programId, name: 'Acme', fast: false, mailDomain: 'acme.example' });
  const names = taskQueues(temporal.prefix);
  const deps = { pool, client: temporal.client, log, publicUrl: 'https://acme.example', taskQueues: names };
  const sender = createMailSender({ smtpUrl: smtp.url, from: 'programme@acme.example' });
  round = createMailRound({ ...deps, sender });
  workers = await createWorker({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace,
    taskQueues: names,
    queues: ['journeys'],
    activities: createActivities({ ...deps, providers: {} }),
    workflowBundle: await workflowBundle(),
  });
});
afterAll(async () => {
  await workers?.stop();
  await Promise.all([smtp?.stop(), pool.end(), behind.end()]);
  await temporal.stop();
  await postgres.stop();
});

const addressOf = (partnerId: string) => `gone.${partnerId}@example.com`;

/** A partner whose address takes no mail, with several mails on their way. */
async function aRefusedPartner(count: number): Promise<string> {
  const { partnerId } = await aPartner(pool, programId);
  await behind.query('update partner set email = $2 where id = $1', [partnerId, addressOf(partnerId)]);
  for (let mail = 1; mail <= count; mail += 1) {
    await inTransaction(pool, programId, (tx) =>
      queueMail(tx, {
        key: `${partnerId}/${mail}`,
        template: 'partner-active',
        language: 'en',
        to: { name: 'Mira', address: addressOf(partnerId) },
        data: {},
        partnerId,
      }),
    );
  }
  return partnerId;
}

async function tasksOf(partnerId: string) {
  const { rows } = await behind.query<{ id: string; workflow_id: string; data: Record<string, string> }>(
    `select id, workflow_id, data from task where kind = 'mail.undeliverable' and partner_id = $1`,
    [partnerId],
  );
  return rows;
}

/** A partner manager decides the one task about this partner's address; the workflow's end is awaited. */
async function decide(partnerId: string, outcome: string): Promise<string> {
  const [task] = await eventually(async () => {
    const tasks = await tasksOf(partnerId);
    expect(tasks).toHaveLength(1);
    return tasks;
  });
  const { rows } = await behind.query<{ person_id: string }>(
    `select person_id from membership where program_id = $1 and role = 'partner_manager' limit 1`,
    [programId],
  );
  const handle = temporal.client.workflow.getHandle(task!.workflow_id);
  const commandId = `cmd_${partnerId}`;
  await inTransaction(pool, programId, (tx) =>
    tx.query(
      `insert into command_input (program_id, id, kind, subject_id, data, by_kind, by_id) values ($1, $2, 'completeTask', $3, '{}', 'person', $4)`,
      [programId, commandId, task!.id, rows[0]!.person_id],
    ),
  );
  await handle.executeUpdate('completeTask', {
    updateId: commandId,
    args: [{ commandId, actor: { kind: 'person', id: rows[0]!.person_id }, taskId: task!.id, outcome }],
  });
  await handle.result();
  return task!.workflow_id;
}

describe('an address that takes no mail', () => {
  it('makes one task for all its mails, and they go out again to the address that was mended', async () => {
    const partnerId = await aRefusedPartner(3);
    await round();
    await round();
    await behind.query('update partner set email = $2 where id = $1', [partnerId, `new.${partnerId}@example.com`]);

    await decide(partnerId, 'fixed');
    await round();

    const toNew = smtp.received.filter(({ to }) => to[0] === `new.${partnerId}@example.com`);
    expect(toNew).toHaveLength(3);
    expect(await tasksOf(partnerId)).toHaveLength(1);
  });

  it('stays without mail when a person says so; the run’s history is archived and replays', async () => {
    const partnerId = await aRefusedPartner(1);
    await round();
    const workflowId = await decide(partnerId, 'ignore');
    await round();
    const sweep = createHistorySweep({ pool, client: temporal.client, log });

    await sweep();
    const again = await sweep();

    const { rows } = await behind.query<{ history: object; event_count: number; status: string }>(
      `select a.history, a.event_count, r.status
       from history_archive a join workflow_run r using (program_id, workflow_id, run_id)
       where workflow_id = $1 and r.archived_at is not null`,
      [workflowId],
    );
    expect(rows).toMatchObject([{ status: 'completed' }]);
    expect(rows[0]!.event_count).toBeGreaterThan(10);
    expect(again).toBe(0);
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, rows[0]!.history, workflowId);
    expect(smtp.received.filter(({ to }) => to[0]!.includes(partnerId))).toEqual([]);
  });
});
