import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { createActivities } from '../../../activities/index.ts';
import { taskQueues } from '../../../activities/deps.ts';
import { openAllWindows } from '../../../activities/windows.ts';
import { newId } from '../../../db/ids.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { storeCommandInput } from '../../../db/queries/command-input.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Terms } from '../../../domain/contract/terms.ts';
import { defaultSettings } from '../../../domain/program/settings.ts';
import type { ProgramSettings } from '../../../domain/program/settings.ts';
import { createLogger } from '../../../runtime/log.ts';
import { makeProgram } from '../../../stack/seed/program.ts';
import { loadWorkflowBundle } from '../../../worker/bundle.ts';
import { completeTask } from '../../../workflows/messages.ts';
import type { TaskDecision } from '../../../workflows/messages.ts';
import { World } from '../../activities/attribution/world.ts';
import { aPartner, tenPercent } from '../../support/ground.ts';
import { firstMessage, killHard, spawnScript } from '../../support/script.ts';
import { startTestPostgres } from '../../support/stack.ts';
import type { TestPostgres } from '../../support/stack.ts';
import { startTimeSkipping } from '../../support/time-skipping.ts';

const SECRET = 'a-secret-of-the-provider';
const WEBHOOK_SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
export const DAY_MS = 86_400_000;

export interface OpenTask {
  id: string;
  workflow_id: string;
  subject_id: string;
  data: Record<string, unknown>;
  due_at: string;
}

/** Real Postgres, a real worker on the server that skips time, and the sandbox provider as its own process. */
export class MoneyStage {
  readonly postgres: TestPostgres;
  readonly environment: TestWorkflowEnvironment;
  readonly pool: Pool;
  private readonly dir = mkdtempSync(join(tmpdir(), 'tandem-money-'));
  private provider!: ChildProcess;
  private providerUrl = '';
  private worker!: Worker;
  private running!: Promise<void>;

  private constructor(postgres: TestPostgres, environment: TestWorkflowEnvironment) {
    this.postgres = postgres;
    this.environment = environment;
    this.pool = createPool({ url: postgres.url });
  }

  static async open(): Promise<MoneyStage> {
    const [postgres, environment] = await Promise.all([startTestPostgres(), startTimeSkipping()]);
    const stage = new MoneyStage(postgres, environment);
    await stage.startProvider();
    await stage.startWorker();
    return stage;
  }

  async close(): Promise<void> {
    this.worker?.shutdown();
    await this.running;
    await this.pool.end();
    await this.environment.teardown();
    await this.postgres.stop();
    await killHard(this.provider);
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async startProvider(): Promise<void> {
    this.provider = spawnScript('stack/provider/main.ts', ['--dir', this.dir, '--settle-ms', '5'], {
      PAYOUT_PROVIDER_SECRET: SECRET,
      PAYOUT_WEBHOOK_SECRET: WEBHOOK_SECRET,
    });
    this.providerUrl = `http://127.0.0.1:${(await firstMessage<{ port: number }>(this.provider)).port}`;
  }

  private async startWorker(): Promise<void> {
    const { nativeConnection, client } = this.environment;
    const queue = 'money-test';
    this.worker = await Worker.create({
      connection: nativeConnection,
      taskQueue: queue,
      workflowBundle: await loadWorkflowBundle(),
      activities: createActivities({
        pool: this.pool,
        client,
        log: createLogger('test', { level: 'warn' }),
        publicUrl: 'http://localhost',
        taskQueues: { ...taskQueues(''), journeys: queue, money: queue, attribution: queue },
        providers: { sandbox: { url: this.providerUrl, secret: SECRET, timeoutMs: 300 } },
      }),
    });
    this.running = this.worker.run();
  }

  /** A program with its team. */
  async program(settings: ProgramSettings = defaultSettings()): Promise<Programme> {
    const programId = newId('program');
    await makeProgram(this.pool, {
      programId,
      name: 'Acme',
      fast: false,
      settings,
      mailDomain: `${programId}.example`,
    });
    // What happens, happens in real time; only the workflows' clock runs ahead.
    return new Programme(this, programId, new Date().toISOString());
  }

  /** The server's time. */
  async now(): Promise<string> {
    return new Date(await this.environment.currentTimeMs()).toISOString();
  }

  async fault(fault: object): Promise<void> {
    const answer = await this.callProvider('POST', '/faults', fault);
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** The provider's own book about a key. */
  async payments(key: string): Promise<{ state: string; amount: { minor: number } }[]> {
    const { items } = (await (await this.callProvider('GET', `/payments?key=${key}`)).json()) as {
      items: { state: string; amount: { minor: number } }[];
    };
    return items;
  }

  /** As if a call had reached the provider that everybody held to be lost. */
  async pay(key: string, minor: number): Promise<void> {
    await this.callProvider('POST', '/payments', { key, amount: { minor, currency: 'EUR' }, account: 'acct-1' });
    for (;;) if ((await this.payments(key))[0]?.state === 'paid') return;
  }

  private callProvider(method: string, path: string, body?: object): Promise<Response> {
    return fetch(this.providerUrl + path, {
      method,
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}

/** One program on the stage, with short words for what its people do. */
export class Programme extends World {
  readonly stage: MoneyStage;

  constructor(stage: MoneyStage, programId: string, now: string) {
    super(stage.pool, programId);
    this.stage = stage;
    this.now = now;
  }

  /** A partner under contract since two days ago, with verified payout details unless said otherwise. */
  async partner({ terms, account = 'acct-1' }: { terms?: Terms; account?: string | null } = {}): Promise<string> {
    const contractFrom = this.daysAgo(2);
    const { partnerId } = await aPartner(this.pool, this.programId, { contractFrom, terms: terms ?? tenPercent() });
    if (account !== null) await this.verifiedDetails(partnerId, account);
    return partnerId;
  }

  async verifiedDetails(partnerId: string, account: string): Promise<string> {
    const id = newId('payoutDetails');
    await this.rows(
      `insert into payout_details (program_id, id, partner_id, method, account_holder, account, tax_country, hash, state, submitted_at)
       values ($1, $2, $3, 'sandbox', 'Ada', $4, 'DE', $4, 'verified', now())`,
      [this.programId, id, partnerId, account],
    );
    return id;
  }

  /** A sale of yesterday that only this partner touched. */
  async sold(partnerId: string, externalId: string, minor: number): Promise<string> {
    const identity = { customerId: externalId };
    await this.touch({ id: `t-${externalId}`, partnerId, identity, occurredAt: this.daysAgo(1.5) });
    const id = await this.sale(externalId, minor, this.daysAgo(1), { identity });
    await this.drain();
    return id;
  }

  daysAgo(days: number): string {
    return new Date(Date.parse(this.now) - days * DAY_MS).toISOString();
  }

  /** Starts the settlement of the partner's window, as the journey does at its end. */
  async settle(partnerId: string, no = 1): Promise<string> {
    await openAllWindows(this.pool, this.programId, this.now);
    const [window] = await this.rows<{ id: string }>(
      'select id from attribution_window where partner_id = $1 and no = $2',
      [partnerId, no],
    );
    const workflowId = `settlement/${partnerId}/${no}`;
    await this.stage.environment.client.workflow.start('settlement', {
      taskQueue: 'money-test',
      workflowId,
      args: [{ programId: this.programId, partnerId, windowId: window!.id, no }],
    });
    return workflowId;
  }

  /** Lets time run in steps until something holds. */
  async until<T>(
    what: string,
    check: () => Promise<T | undefined | false>,
    step: number | string = '6 hours',
  ): Promise<T> {
    let last: unknown;
    for (let tries = 0; tries < 600; tries += 1) {
      const answer = await check().catch((error: unknown) => {
        last = error;
        return undefined;
      });
      if (answer) return answer;
      await this.stage.environment.sleep(step);
    }
    throw new Error(`Waited in vain for ${what}. ${String(last ?? '')}`);
  }

  task(kind: string, step?: number | string, except: string[] = []): Promise<OpenTask> {
    return this.until(
      kind,
      async () =>
        (
          await this.rows<OpenTask & Record<string, unknown>>(
            `select id, workflow_id, subject_id, data, due_at from task where kind = $1 and state = 'open' and id <> all ($2)`,
            [kind, except],
          )
        )[0],
      step,
    );
  }

  async person(role: string, which = 0): Promise<string> {
    const rows = await this.rows<{ id: string }>(
      'select person_id as id from membership where role = $1 order by person_id',
      [role],
    );
    return rows[which]!.id;
  }

  /** Decides the open task of that kind through the workflow's update, as the API does. */
  async decide(
    kind: string,
    outcome: string,
    { by, reason = 'Because.', data, step }: { by: string; reason?: string; data?: object; step?: number | string },
  ): Promise<OpenTask> {
    const task = await this.task(kind, step);
    await this.complete(task, outcome, { by, reason, data });
    return task;
  }

  async complete(
    task: OpenTask,
    outcome: string,
    { by, reason = 'Because.', data }: { by: string; reason?: string; data?: object },
  ): Promise<TaskDecision> {
    const commandId = `cmd_${task.id}_${by}_${outcome}`;
    const actor = by.startsWith('prt_') ? { kind: 'partner' as const, id: by } : { kind: 'person' as const, id: by };
    await inTransaction(this.pool, this.programId, (tx) =>
      storeCommandInput(tx, { id: commandId, kind: 'task', subjectId: task.id, data: { reason, data }, by: actor }),
    );
    const handle = this.stage.environment.client.workflow.getHandle(task.workflow_id);
    return handle.executeUpdate(completeTask, {
      updateId: commandId,
      args: [{ taskId: task.id, outcome, commandId, actor }],
    });
  }

  payouts(partnerId: string) {
    return this.rows<{ id: string; state: string; amount_minor: number; moved_minor: number | null }>(
      'select id, state, amount_minor, moved_minor from payout where partner_id = $1 order by id',
      [partnerId],
    );
  }

  /** Runs until the partner's newest payout stands in a state. */
  paidOut(partnerId: string, state: string, step: number | string = '1 second') {
    return this.until(
      `a payout that is ${state}`,
      async () => {
        const payout = (await this.payouts(partnerId)).at(-1);
        return payout?.state === state ? payout : undefined;
      },
      step,
    );
  }

  /** What the sandbox has sent for all payouts of the partner, by state. */
  async sent(partnerId: string): Promise<string[]> {
    const payouts = await this.payouts(partnerId);
    const books = await Promise.all(payouts.map(({ id }) => this.stage.payments(id)));
    return books.flat().map(({ state, amount }) => `${state} ${amount.minor}`);
  }
}
