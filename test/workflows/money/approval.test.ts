import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { newId } from '../../../db/ids.ts';
import { storeCommandInput } from '../../../db/queries/command-input.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { requestApproval } from '../../../workflows/messages.ts';
import type { RequestApproval } from '../../../workflows/messages.ts';
import { MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

/** Asks for an approval as the API does. */
async function ask(
  acme: Programme,
  subjectType: RequestApproval['subjectType'],
  subjectId: string,
  by: string,
  words: object,
): Promise<{ taskId: string }> {
  const commandId = `cmd_${subjectId}`;
  const actor = { kind: 'person' as const, id: by };
  await inTransaction(stage.pool, acme.programId, (tx) =>
    storeCommandInput(tx, { id: commandId, kind: subjectType, subjectId, data: { ...words }, by: actor }),
  );
  return stage.environment.client.workflow.executeUpdateWithStart(requestApproval, {
    args: [{ subjectType, subjectId, commandId, actor }],
    updateId: commandId,
    startWorkflowOperation: new WithStartWorkflowOperation('approval', {
      workflowId: `approval/${subjectType}/${subjectId}`,
      taskQueue: 'money-test',
      args: [{ programId: acme.programId, subjectType, subjectId }],
      workflowIdConflictPolicy: 'USE_EXISTING',
    }),
  });
}

const over = (subjectType: string, id: string) =>
  stage.environment.client.workflow.getHandle(`approval/${subjectType}/${id}`).result();

describe('one decision about one thing', () => {
  it('posts an adjustment once another person approved it, and shows what it is about', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.drain();
    const [finn, freya] = [await acme.person('finance', 0), await acme.person('finance', 1)];
    const id = newId('adjustment');

    const value = { minor: -500, currency: 'EUR' };
    const { taskId } = await ask(acme, 'adjustment', id, finn, { partnerId, value, reason: 'Paid twice.' });
    const task = await acme.task('adjustment.approval', '1 second');
    await expect(acme.complete(task, 'approve', { by: finn })).rejects.toThrow();
    await acme.complete(task, 'approve', { by: freya });
    await over('adjustment', id);

    expect(task).toMatchObject({ id: taskId, data: { value, reason: 'Paid twice.' } });
    expect(await acme.rows('select kind, amount_minor, account from commission')).toEqual([
      { kind: 'manual', amount_minor: -500, account: 'pending' },
    ]);
    expect(await acme.balance('pending', partnerId)).toBe(-500);
  });

  it('refuses an adjustment in another currency at once, and opens nothing', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.drain();
    const finn = await acme.person('finance');
    const words = { partnerId, value: { minor: 100, currency: 'USD' }, reason: 'x' };

    await expect(ask(acme, 'adjustment', newId('adjustment'), finn, words)).rejects.toMatchObject({
      cause: { type: 'invalid', details: [{ errors: [{ path: 'value.currency' }] }] },
    });

    expect(await acme.rows('select id from adjustment')).toEqual([]);
  });

  it('rejects an adjustment that nobody decides', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.drain();
    const id = newId('adjustment');
    await ask(acme, 'adjustment', id, await acme.person('finance'), {
      partnerId,
      value: { minor: 500, currency: 'EUR' },
      reason: 'Bonus.',
    });

    expect(await over('adjustment', id)).toBe('reject');

    expect((await acme.rows('select state from adjustment'))[0]).toEqual({ state: 'rejected' });
    expect(await acme.rows('select id from commission')).toEqual([]);
  });

  it('changes money settings only when somebody else agrees', async () => {
    const acme = await Programme.open(stage);
    const [finn, owner] = [await acme.person('finance'), await acme.person('owner')];
    await ask(acme, 'setting', 'set-1', finn, { settings: { thresholds: { minimumPayoutMinor: 5_000 } } });

    await acme.decide('setting.approval', 'approve', { by: owner, step: '1 second' });
    await over('setting', 'set-1');

    const [program] = await acme.rows<{ minimum: string }>(
      `select settings -> 'thresholds' ->> 'minimumPayoutMinor' as minimum from program`,
    );
    expect(program?.minimum).toBe('5000');
  });

  it('puts a brief in force in place of the one before', async () => {
    const acme = await Programme.open(stage);
    const [mara, milan] = [await acme.person('partner_manager', 0), await acme.person('partner_manager', 1)];
    const ids = [newId('brief'), newId('brief')];
    for (const id of ids) {
      await acme.rows(`insert into brief (program_id, id, name, weights, created_by) values ($1, $2, 'B', '{}', $3)`, [
        acme.programId,
        id,
        mara,
      ]);
      await ask(acme, 'brief', id, mara, {});
      await acme.decide('brief.approval', 'approve', { by: milan, step: '1 second' });
      await over('brief', id);
    }

    expect(await acme.rows('select state from brief order by id')).toEqual([
      { state: 'replaced' },
      { state: 'active' },
    ]);
  });

  it('keeps held money out of the statement until the hold is lifted, then pays it with the next one', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    await acme.sold(partnerId, 'order-2', 3_000);
    const [finn, freya] = [await acme.person('finance', 0), await acme.person('finance', 1)];
    const [held] = await acme.rows<{ id: string }>('select id from commission where amount_minor = 1000');
    const holdId = newId('hold');
    await ask(acme, 'hold', holdId, finn, { commissionId: held!.id, reason: 'Looks odd.' });

    const settlement = await acme.settle(partnerId);
    const first = await acme.decide('settlement.approval', 'approve', { by: finn });
    await acme.decide('payout.release', 'release', { by: freya });
    await stage.environment.client.workflow.getHandle(settlement).result();
    const review = await acme.task('hold.review', '1 second');
    await expect(acme.complete(review, 'lift', { by: finn })).rejects.toThrow();
    await acme.complete(review, 'lift', { by: freya });
    await over('hold', holdId);
    await acme.settle(partnerId, 2);
    const second = await acme.decide('settlement.approval', 'approve', { by: finn });

    expect([first.data.amount, second.data.amount]).toEqual([
      { minor: 300, currency: 'EUR' },
      { minor: 1_000, currency: 'EUR' },
    ]);
  });

  it('takes confirmed money back: the order is credited anew, and the next statement has nothing of it', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    const [finn, freya] = [await acme.person('finance', 0), await acme.person('finance', 1)];
    const [held] = await acme.rows<{ id: string }>('select id from commission where amount_minor = 1000');
    const holdId = newId('hold');
    await ask(acme, 'hold', holdId, finn, { commissionId: held!.id, reason: 'Own order.' });

    await acme.decide('hold.review', 'confirm', { by: freya, step: '1 second' });
    await acme.until('the void', async () => (await acme.rows('select 1 from touchpoint_void')).length > 0, '1 second');
    await acme.drain();
    await over('hold', holdId);
    const settlement = await acme.settle(partnerId);
    await acme.decide('settlement.approval', 'approve', { by: finn });
    await stage.environment.client.workflow.getHandle(settlement).result();

    expect(await acme.commission(partnerId, 'order-1')).toBe(0);
    expect((await acme.rows('select ending from hold'))[0]).toEqual({ ending: 'confirmed' });
    expect(await acme.payouts(partnerId)).toEqual([]);
    expect(await acme.balance('pending', partnerId)).toBe(0);
    expect(await acme.balance('locked', partnerId)).toBe(0);
  });
});
