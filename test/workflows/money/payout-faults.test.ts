import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditProgram, CHECKS } from '../../../audit/run.ts';
import { movePayout } from '../../../db/queries/payout.ts';
import { insertPayoutAttempt } from '../../../db/queries/payout-attempt.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { providerReported } from '../../../workflows/messages.ts';
import { eventually } from '../../support/eventually.ts';
import { MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

/** A partner whose 10.00 wait for the second person. */
async function aPayout(account = 'acct-1') {
  const acme = await Programme.open(stage);
  const partnerId = await acme.partner({ account });
  await acme.sold(partnerId, 'order-1', 10_000);
  const settlement = await acme.settle(partnerId);
  const finn = await acme.person('finance', 0);
  const freya = await acme.person('finance', 1);
  await acme.decide('settlement.approval', 'approve', { by: finn });
  const release = await acme.task('payout.release');
  const [payout] = await acme.payouts(partnerId);
  const letGo = () => acme.complete(release, 'release', { by: freya });
  return { acme, partnerId, settlement, finn, freya, payoutId: payout!.id, release: letGo };
}

/** As if the process had died after it stored the key and before the call. */
async function dieBeforeTheCall(
  acme: Programme,
  { payoutId, partnerId, by }: { payoutId: string; partnerId: string; by: string },
): Promise<void> {
  await inTransaction(stage.pool, acme.programId, async (tx) => {
    await movePayout(tx, payoutId, 'approved', 'sending', { releasedBy: by, releasedAt: await stage.now() });
    await insertPayoutAttempt(tx, payoutId, { kind: 'send', result: 'started' });
    // The posting of the release, which that process had made.
    await tx.query(
      `insert into ledger_entry (program_id, id, kind, cause, at, partner_id, subject_type, subject_id)
         values ($1, $2, 'released', 'released:' || $3, now(), $4, 'payout', $3)`,
      [acme.programId, `ent_${payoutId}`, payoutId, partnerId],
    );
    await tx.query(
      `insert into ledger_posting (program_id, entry_id, no, account, partner_id, side, amount_minor, currency)
         values ($1, $2, 1, 'payable', $3, 'debit', 1000, 'EUR'), ($1, $2, 2, 'payout-clearing', null, 'credit', 1000, 'EUR')`,
      [acme.programId, `ent_${payoutId}`, partnerId],
    );
  });
}

/** What must hold after each of them: clearing is empty, and the provider's book is ours. */
async function expectBooksAgree(acme: Programme, payoutId: string) {
  const payments = await stage.payments(payoutId);
  const moved = payments.filter(({ state }) => state === 'paid').reduce((sum, { amount }) => sum + amount.minor, 0);
  expect(await acme.balance('bank')).toBe(moved);
  expect(await acme.balance('payout-clearing')).toBe(0);
  expect(payments.length).toBeLessThanOrEqual(1);
}

async function attempts(acme: Programme, kind: string): Promise<string[]> {
  const rows = await acme.rows<{ result: string }>('select result from payout_attempt where kind = $1 order by no', [
    kind,
  ]);
  return rows.map((row) => row.result);
}

/** What the audit says of payouts, ledger and the provider's book. */
async function audited({ programId }: Programme, providerUrl = stage.providerUrl) {
  const checks = CHECKS.filter(({ name }) => name.startsWith("the provider's book"));
  const [finding] = await auditProgram({ pool: stage.pool, client: null, providerUrl }, programId, checks);
  return finding;
}

/** Asks beside a provider that changed its book afterwards, which the sandbox refuses to do. */
async function withBook<Result>(key: string, minor: number, ask: (url: string) => Promise<Result>): Promise<Result> {
  const items = [{ key, amount: { minor, currency: 'EUR' }, state: 'paid' }];
  const server = createServer((_request, response) => response.end(JSON.stringify({ items })));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe('a payout whose provider goes wrong', () => {
  it.each(['timeout-after-success', 'error-after-success'])(
    'is looked up after %s, and never sent again',
    async (kind) => {
      const { acme, partnerId, payoutId, release } = await aPayout();
      await stage.fault({ kind, key: payoutId, delayMs: 60_000 });

      await release();
      await acme.paidOut(partnerId, 'paid', '12 hours');

      expect(await attempts(acme, 'send')).toEqual(['started', 'unknown']);
      await expectBooksAgree(acme, payoutId);
    },
  );

  it('is sent again under the same key after a rate limit, because nothing was booked', async () => {
    const { acme, partnerId, payoutId, release } = await aPayout();
    await stage.fault({ kind: 'rate-limit', key: payoutId, times: 2, retryAfterS: 7 });

    await release();
    await acme.paidOut(partnerId, 'paid', '12 hours');

    expect(await attempts(acme, 'send')).toEqual(['started', 'retry', 'started', 'retry', 'started', 'sent']);
    await expectBooksAgree(acme, payoutId);
  });

  it('books what was moved when the provider moves less, the rest stays payable, and finance explains it', async () => {
    const { acme, partnerId, payoutId, finn, release } = await aPayout();
    await stage.fault({ kind: 'wrong-amount', key: payoutId, differenceMinor: -45 });

    await release();
    const payout = await acme.paidOut(partnerId, 'paid', '12 hours');

    expect(await audited(acme)).toMatchObject({ result: 'fault', detail: expect.stringContaining('955 EUR') });
    const difference = await acme.decide('reconciliation.difference', 'explain', { by: finn, step: '1 second' });

    expect(await audited(acme)).toMatchObject({
      result: 'explained',
      detail: expect.stringContaining(`955 EUR for payout ${payoutId} instead of 1000 EUR. ${finn} explained it:`),
    });
    expect(difference.data).toMatchObject({ asked: { minor: 1_000 }, moved: { minor: 955 } });
    expect(payout.moved_minor).toBe(955);
    const changed = await withBook(payoutId, 954, (url) => audited(acme, url));
    expect(changed).toMatchObject({ result: 'fault', detail: expect.stringContaining('954 EUR') });
    expect(await acme.balance('payable', partnerId)).toBe(45);
    await expectBooksAgree(acme, payoutId);
  });

  it('books what the rail took for it as our cost, and the partner gets the whole amount', async () => {
    const { acme, partnerId, payoutId, release } = await aPayout();
    await stage.fault({ kind: 'fee', key: payoutId, feeMinor: 25 });

    await release();
    const payout = await acme.paidOut(partnerId, 'paid', '12 hours');

    expect(payout).toMatchObject({ amount_minor: 1_000, moved_minor: 1_000 });
    expect(await Promise.all([acme.balance('payout-fees'), acme.balance('bank')])).toEqual([-25, 1_025]);
    expect(await Promise.all([acme.balance('payable', partnerId), acme.balance('payout-clearing')])).toEqual([0, 0]);
    const checks = CHECKS.filter(({ name }) => /ledger|debits|spent/.test(name));
    const findings = await auditProgram(
      { pool: stage.pool, client: null, providerUrl: stage.providerUrl },
      acme.programId,
      checks,
    );
    expect(findings.filter(({ result }) => result !== 'ok')).toEqual([]);
    expect(findings.length).toBeGreaterThan(1);
  });

  it('lets the partner owe what was moved too much', async () => {
    const { acme, partnerId, payoutId, release } = await aPayout();
    await stage.fault({ kind: 'wrong-amount', key: payoutId, differenceMinor: 45 });

    await release();
    await acme.paidOut(partnerId, 'paid', '12 hours');

    expect(await acme.balance('receivable', partnerId)).toBe(-45);
    await expectBooksAgree(acme, payoutId);
  });

  it('makes refused money payable again, asks for other details, and pays to them after both persons looked again', async () => {
    const { acme, partnerId, payoutId, finn, freya, release } = await aPayout('fail-1');

    await release();
    await acme.paidOut(partnerId, 'failed', '12 hours');
    expect(await acme.balance('payable', partnerId)).toBe(1_000);
    const details = { method: 'sandbox', accountHolder: 'Ada', account: 'acct-2', taxCountry: 'DE' };
    await acme.decide('enablement.payout-details', 'submitted', { by: partnerId, data: details, step: '1 minute' });
    await acme.decide('payout-details.verification', 'verify', { by: finn, step: '1 minute' });
    await acme.decide('settlement.approval', 'approve', { by: freya, step: '1 hour' });
    await acme.decide('payout.release', 'release', { by: finn, step: '1 hour' });
    const paid = await acme.paidOut(partnerId, 'paid', '12 hours');

    expect(paid.id).not.toBe(payoutId);
    expect(await acme.sent(partnerId)).toEqual(['refused 1000', 'paid 1000']);
    expect(await acme.balance('payable', partnerId)).toBe(0);
  });

  it('is investigated when nobody knows of it; not paid needs two persons, and then it is approved anew', async () => {
    const { acme, partnerId, payoutId, finn, freya, release } = await aPayout();
    await dieBeforeTheCall(acme, { payoutId, partnerId, by: freya });

    await release();
    const first = await acme.decide('payout.investigation', 'not-paid', { by: finn, step: '12 hours' });
    const second = await acme.task('payout.investigation', '1 minute', [first.id]);
    await expect(acme.complete(second, 'not-paid', { by: finn })).rejects.toThrow();
    await acme.complete(second, 'not-paid', { by: freya });
    await acme.paidOut(partnerId, 'not-paid', '1 minute');
    await acme.decide('settlement.approval', 'approve', { by: finn, step: '1 hour' });
    await acme.decide('payout.release', 'release', { by: freya, step: '1 hour' });
    await acme.paidOut(partnerId, 'paid', '1 hour');

    expect(await attempts(acme, 'send')).toEqual(['started', 'started', 'sent']);
    expect(await stage.payments(payoutId)).toEqual([]);
    expect(await acme.sent(partnerId)).toEqual(['paid 1000']);

    // A late word of the provider: the first one was paid after all. Nothing is booked by itself; finance is asked.
    await stage.pay(payoutId, 1_000);
    await stage.environment.client.workflow.signalWithStart('payout', {
      workflowId: `payout/${payoutId}`,
      taskQueue: 'money-test',
      args: [{ programId: acme.programId, payoutId }],
      signal: providerReported,
      signalArgs: [{ payoutId }],
    });
    const difference = await acme.task('reconciliation.difference', '1 second');
    expect(await audited(acme)).toMatchObject({ result: 'fault', detail: expect.stringContaining('is not-paid here') });
    await acme.complete(difference, 'explain', { by: finn });
    expect(await audited(acme)).toMatchObject({ result: 'explained', detail: expect.stringContaining('Because.') });
    expect(difference.subject_id).toBe(payoutId);
    expect((await acme.payouts(partnerId))[0]?.state).toBe('not-paid');
  });

  it('is investigated, found paid by one person, booked as they say, and never sent again', async () => {
    const { acme, partnerId, payoutId, finn, freya, settlement, release } = await aPayout();
    await dieBeforeTheCall(acme, { payoutId, partnerId, by: freya });

    await release();
    await acme.decide('payout.investigation', 'paid', { by: finn, step: '12 hours' });
    const payout = await acme.paidOut(partnerId, 'paid', '1 minute');
    await stage.environment.client.workflow.getHandle(settlement).result();

    expect(payout).toMatchObject({ id: payoutId, moved_minor: 1_000 });
    expect(await attempts(acme, 'person')).toEqual(['paid']);
    expect(await attempts(acme, 'send')).toEqual(['started']);
    expect(await stage.payments(payoutId)).toEqual([]);
    const balances = ['bank', 'payout-clearing'].map((account) => acme.balance(account));
    expect(await Promise.all([...balances, acme.balance('payable', partnerId)])).toEqual([1_000, 0, 0]);
    expect(await acme.rows('select state from statement')).toEqual([{ state: 'paid' }]);
    expect(await acme.rows(`select 1 from task where state = 'open'`)).toEqual([]);
  });

  it('notices money that came back after its end, and pays it once more to verified details', async () => {
    const { acme, partnerId, payoutId, finn, freya, settlement, release } = await aPayout();
    await stage.fault({ kind: 'returned-after-paid', key: payoutId, delayMs: 3_000 });
    await release();
    await acme.paidOut(partnerId, 'paid', '12 hours');
    const { client } = stage.environment;
    await client.workflow.getHandle(settlement).result();
    await eventually(async () => expect((await stage.payments(payoutId))[0]?.state).toBe('returned'));

    // The webhook, three times; each only asks for a look-up.
    for (let copy = 0; copy < 3; copy += 1) {
      await client.workflow.signalWithStart('payout', {
        workflowId: `payout/${payoutId}`,
        taskQueue: 'money-test',
        args: [{ programId: acme.programId, payoutId }],
        signal: providerReported,
        signalArgs: [{ payoutId }],
      });
    }
    await acme.paidOut(partnerId, 'returned', '1 second');
    expect([await acme.balance('payable', partnerId), await acme.balance('bank')]).toEqual([1_000, 0]);
    const details = { method: 'sandbox', accountHolder: 'Ada', account: 'acct-2', taxCountry: 'DE' };
    await acme.decide('enablement.payout-details', 'submitted', { by: partnerId, data: details, step: '1 minute' });
    await acme.decide('payout-details.verification', 'verify', { by: finn, step: '1 minute' });
    await acme.decide('settlement.approval', 'approve', { by: finn, step: '1 hour' });
    await acme.decide('payout.release', 'release', { by: freya, step: '1 hour' });
    await acme.paidOut(partnerId, 'paid', '6 hours');

    expect(await acme.sent(partnerId)).toEqual(['returned 1000', 'paid 1000']);
    expect([await acme.balance('payable', partnerId), await acme.balance('bank')]).toEqual([0, 1_000]);
  });
});
