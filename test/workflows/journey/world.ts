import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { NativeConnection } from '@temporalio/worker';
import pg from 'pg';
import type { Actor } from '../../../domain/actor.ts';
import type { TaskKind } from '../../../domain/task/kinds.ts';
import { createActivities } from '../../../activities/index.ts';
import type { Activities } from '../../../activities/index.ts';
import { taskQueues } from '../../../activities/deps.ts';
import { newId } from '../../../db/ids.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { storeCommandInput } from '../../../db/queries/command-input.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { QueueName } from '../../../worker/worker.ts';
import { createLogger } from '../../../runtime/log.ts';
import { makeProgram } from '../../../stack/seed/program.ts';
import {
  amendContract,
  changeStatus,
  completeTask,
  createPartner,
  submitContent,
} from '../../../workflows/messages.ts';
import type { StatusEvent, TaskDecision } from '../../../workflows/messages.ts';
import { eventually } from '../../support/eventually.ts';
import { workflowBundle } from '../../support/bundle.ts';
import type { TestPostgres } from '../../support/postgres.ts';

export interface Server {
  client: Client;
  nativeConnection: NativeConnection;
  prefix: string;
}

export interface TaskSeen {
  id: string;
  kind: TaskKind;
  workflowId: string;
  data: Record<string, any>;
  dueAt: string | null;
}

export interface Typed {
  reason?: string;
  data?: Record<string, unknown>;
}

export const RIGHT_ANSWERS = { disclosure: 'start', link: 'own', refund: 'returned' };
export const ANSWERS = { audienceSize: 100, channels: ['video'], verticals: ['marketing'], regions: ['DE'] };

/** A seeded program, a worker for all queues, and hands that do what the API does: store what was typed, then send the update. */
export class World {
  readonly programId = newId('program');
  readonly pool: Pool;
  readonly server: Server;
  readonly people: Record<string, string> = {};
  /** Stands between the workers and the real activities, for instance to hold back an answer. */
  between: (activities: Activities) => Activities = (activities) => activities;
  private readonly behind: pg.Pool;
  private workers: Worker[] = [];
  private running: Promise<void>[] = [];

  constructor(server: Server, postgres: TestPostgres) {
    this.server = server;
    this.pool = createPool({ url: postgres.url });
    this.behind = new pg.Pool({ connectionString: postgres.superuserUrl, max: 2 });
  }

  /**
   * @param queues that get a worker
   * @param money the bundle of the money queue's worker, instead of the real one
   */
  async start(
    queues: QueueName[] = ['journeys', 'attribution', 'money', 'mail'],
    money?: { code: string },
  ): Promise<this> {
    const plan = { programId: this.programId, name: 'Acme', fast: false, mailDomain: 'acme.example' };
    for (const { id, email } of (await makeProgram(this.pool, plan)) ?? []) this.people[email.split('@')[0]!] = id;
    await this.startWorkers(queues, money);
    return this;
  }

  /** @param path of the settings, `gates.training` */
  async setSetting(path: string, value: unknown): Promise<void> {
    await this.behind.query('update program set settings = jsonb_set(settings, $2, $3::jsonb) where program_id = $1', [
      this.programId,
      path.split('.'),
      JSON.stringify(value),
    ]);
  }

  async startWorkers(served: QueueName[], money?: { code: string }): Promise<void> {
    const { client, nativeConnection, prefix } = this.server;
    const queues = taskQueues(prefix);
    const activities = createActivities({
      pool: this.pool,
      client,
      log: createLogger('test', { level: 'silent' }),
      publicUrl: 'http://localhost',
      taskQueues: queues,
      providers: {},
    });
    const bundle = await workflowBundle();
    this.workers = await Promise.all(
      served.map((queue) =>
        Worker.create({
          connection: nativeConnection,
          taskQueue: queues[queue],
          activities: this.between(activities),
          workflowBundle: queue === 'money' && money ? money : bundle,
          namespace: client.options.namespace,
        }),
      ),
    );
    this.running = this.workers.map((worker) => worker.run());
  }

  async stopWorkers(): Promise<void> {
    for (const worker of this.workers) worker.shutdown();
    await Promise.all(this.running);
    this.workers = [];
  }

  async stop(): Promise<void> {
    await this.stopWorkers();
    await Promise.all([this.pool.end(), this.behind.end()]);
  }

  async rows<T = any>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.behind.query(sql, values)).rows as T[];
  }

  person(key: string): Actor {
    return { kind: 'person', id: this.people[key] };
  }

  /** What the API does before every command. */
  async type(kind: string, subjectId: string, by: Actor, data: object): Promise<string> {
    const id = `cmd_${randomUUID()}`;
    await inTransaction(this.pool, this.programId, (tx) =>
      storeCommandInput(tx, { id, kind, subjectId, by, data: data as Record<string, unknown> }),
    );
    return id;
  }

  async invite(input: Record<string, unknown> = {}, start: Record<string, unknown> = {}): Promise<string> {
    const partnerId = newId('partner');
    const actor = this.person('manager');
    const body = { name: 'Mira', email: `${partnerId}@partner.example`, type: 'creator', country: 'DE', ...input };
    const commandId = await this.type('partner.create', partnerId, actor, body);
    const entry = input.answers ? 'application' : 'team';
    await this.client.workflow.executeUpdateWithStart(createPartner, {
      args: [{ commandId, actor, entry }],
      updateId: commandId,
      startWorkflowOperation: new WithStartWorkflowOperation('partnerLifecycle', {
        workflowId: `partner/${partnerId}`,
        taskQueue: taskQueues(this.server.prefix).journeys,
        args: [{ programId: this.programId, partnerId, ...start }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });
    return partnerId;
  }

  get client(): Client {
    return this.server.client;
  }

  openTask(kind: TaskKind, partnerId: string, where: (task: TaskSeen) => boolean = () => true): Promise<TaskSeen> {
    return eventually(async () => {
      const tasks = await this.rows<TaskSeen>(
        `select id, kind, workflow_id as "workflowId", data, due_at as "dueAt" from task
         where program_id = $1 and partner_id = $2 and kind = $3 and state = 'open' order by id`,
        [this.programId, partnerId, kind],
      );
      const task = tasks.find(where);
      if (!task) throw new Error(`No open task ${kind}.`);
      return task;
    }, 20_000);
  }

  /** Waits for the task and completes it as the person, or as the partner. */
  async decide(
    kind: TaskKind,
    partnerId: string,
    outcome: string,
    by: string,
    typed: Typed | ((task: TaskSeen) => Typed) = {},
    where?: (task: TaskSeen) => boolean,
  ): Promise<TaskDecision> {
    const task = await this.openTask(kind, partnerId, where);
    return this.complete(task, outcome, by === 'partner' ? { kind: 'partner', id: partnerId } : this.person(by), typed);
  }

  async complete(
    task: TaskSeen,
    outcome: string,
    actor: Actor,
    typed: Typed | ((task: TaskSeen) => Typed) = {},
  ): Promise<TaskDecision> {
    const input = typeof typed === 'function' ? typed(task) : typed;
    const commandId = await this.type('task.complete', task.id, actor, input);
    const { acceptedVersion, acceptedHash } = (input.data ?? {}) as { acceptedVersion?: number; acceptedHash?: string };
    return this.client.workflow.getHandle(task.workflowId).executeUpdate(completeTask, {
      args: [{ commandId, actor, taskId: task.id, outcome, acceptedVersion, acceptedHash }],
      updateId: commandId,
    });
  }

  async change(
    partnerId: string,
    event: StatusEvent,
    by = 'manager',
    reason = 'Because.',
  ): Promise<{ status: string }> {
    const actor = by === 'partner' ? ({ kind: 'partner', id: partnerId } as const) : this.person(by);
    const commandId = await this.type(`partner.${event}`, partnerId, actor, { reason });
    return this.client.workflow
      .getHandle(`partner/${partnerId}`)
      .executeUpdate(changeStatus, { args: [{ commandId, actor, event }], updateId: commandId });
  }

  async amend(
    partnerId: string,
    mode: 'propose' | 'replace',
    changes: object,
    effectiveFrom = new Date().toISOString(),
  ): Promise<{ contractId: string; version: number }> {
    const [{ id: contractId }] = await this.rows('select id from contract where partner_id = $1', [partnerId]);
    const actor = this.person('manager');
    const commandId = await this.type('contract.amend', contractId, actor, { changes, effectiveFrom });
    return this.client.workflow
      .getHandle(`partner/${partnerId}`)
      .executeUpdate(amendContract, { args: [{ commandId, actor, contractId, mode }], updateId: commandId });
  }

  async submit(partnerId: string, draft: Record<string, unknown>): Promise<string> {
    const contentId = newId('content');
    const actor: Actor = { kind: 'partner', id: partnerId };
    const commandId = await this.type('content.submit', contentId, actor, {
      title: 'A',
      kind: 'post',
      platform: 'blog',
      ...draft,
    });
    await this.client.workflow.executeUpdateWithStart(submitContent, {
      args: [{ commandId, actor, partnerId, contentId }],
      updateId: commandId,
      startWorkflowOperation: new WithStartWorkflowOperation('contentReview', {
        workflowId: `content/${contentId}`,
        taskQueue: taskQueues(this.server.prefix).journeys,
        args: [{ programId: this.programId, partnerId, contentId }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });
    return contentId;
  }

  async status(partnerId: string): Promise<string> {
    return (await this.rows<{ status: string }>('select status from partner where id = $1', [partnerId]))[0]!.status;
  }

  async untilStatus(partnerId: string, status: string): Promise<void> {
    await eventually(async () => {
      const now = await this.status(partnerId);
      if (now !== status) throw new Error(`${partnerId} is ${now}, not ${status}.`);
    }, 25_000);
  }

  signed = (task: TaskSeen): Typed => ({
    data: { signatoryName: 'Ada', acceptedVersion: task.data.version, acceptedHash: task.data.hash },
  });

  /** Everything going well, up to `active`. */
  async activate(start: Record<string, unknown> = {}): Promise<string> {
    const partnerId = await this.invite({}, start);
    await this.decide('partner.survey', partnerId, 'answered', 'partner', { data: { answers: ANSWERS } });
    await this.decide('application.decision', partnerId, 'approve', 'manager');
    await this.decide('contract.signature', partnerId, 'sign', 'partner', this.signed);
    await this.decide('contract.countersignature', partnerId, 'sign', 'legal', this.signed);
    await this.train(partnerId);
    await this.untilStatus(partnerId, 'active');
    return partnerId;
  }

  train(partnerId: string, answers: Record<string, string> = RIGHT_ANSWERS): Promise<TaskDecision> {
    return this.decide('enablement.training', partnerId, 'completed', 'partner', (task) => ({
      data: { moduleId: task.data.moduleId, answers },
    }));
  }
}
