import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { createActivities } from '../../../activities/index.ts';
import { taskQueues } from '../../../activities/deps.ts';
import { newId } from '../../../db/ids.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import type { ProgramSettings } from '../../../domain/program/settings.ts';
import { createLogger } from '../../../runtime/log.ts';
import { makeProgram } from '../../../stack/seed/program.ts';
import { workflowBundle } from '../../support/bundle.ts';
import { firstMessage, killHard, spawnScript } from '../../support/script.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
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
  /** Where the provider shows its book. */
  providerUrl = '';
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
      workflowBundle: await workflowBundle(),
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

  /** Makes a program with its team. @returns its id */
  async makeProgram(settings: ProgramSettings): Promise<string> {
    const programId = newId('program');
    await makeProgram(this.pool, {
      programId,
      name: 'Acme',
      fast: false,
      settings,
      mailDomain: `${programId}.example`,
    });
    return programId;
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
