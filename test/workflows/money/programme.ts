import { openAllWindows } from '../../../activities/windows.ts';
import { newId } from '../../../db/ids.ts';
import { storeCommandInput } from '../../../db/queries/command-input.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Terms } from '../../../domain/contract/terms.ts';
import { completeTask } from '../../../workflows/messages.ts';
import type { TaskDecision } from '../../../workflows/messages.ts';
import { World } from '../../activities/attribution/world.ts';
import { aPartner, tenPercent } from '../../support/ground.ts';
import { defaultSettings } from '../../../domain/program/settings.ts';
import type { ProgramSettings } from '../../../domain/program/settings.ts';
import { DAY_MS } from './stage.ts';
import type { MoneyStage, OpenTask } from './stage.ts';

/** One program on the stage, with short words for what its people do. */
export class Programme extends World {
  readonly stage: MoneyStage;

  /** A program of its own. */
  static async open(stage: MoneyStage, settings: ProgramSettings = defaultSettings()): Promise<Programme> {
    // What happens, happens in real time; only the workflows' clock runs ahead.
    return new Programme(stage, await stage.makeProgram(settings), new Date().toISOString());
  }

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
