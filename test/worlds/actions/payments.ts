import { createPayoutConfirmActivities } from '../../../activities/payout-confirm.ts';
import { createPayoutDrawActivities } from '../../../activities/payout-draw.ts';
import { createPayoutReleaseActivities } from '../../../activities/payout-release.ts';
import { createPayoutSendActivities } from '../../../activities/payout-send.ts';
import { createStatementApprovalActivities } from '../../../activities/statement-approval.ts';
import { createStatementActivities } from '../../../activities/statement.ts';
import { newId } from '../../../db/ids.ts';
import { eventually } from '../../support/eventually.ts';
import { action, sometimes } from '../action.ts';
import type { Actions } from '../action.ts';
import type { WorldProvider } from '../provider.ts';
import type { World } from '../world.ts';

interface Payment {
  /** Absent: all of them. */
  partner?: number;
  /** How far it goes; absent: to the bank. */
  only?: 'statement' | 'approval' | 'draw';
  /** The bank sends the money back. */
  returned?: true;
  /** The bank moves more or less than was asked. */
  differenceMinor?: number;
}

/** Statements that are due, and payouts of them to the sandbox provider. */
export function paymentActions(provider: WorldProvider): Actions {
  return {
    pay: action(
      5,
      (dice): Payment => ({
        ...sometimes(dice, 2, { partner: dice.whole(5) }),
        ...sometimes(dice, 3, { only: dice.one(['statement', 'statement', 'approval', 'draw']) }),
        ...sometimes(dice, 5, { returned: true }),
        ...sometimes(dice, 8, { differenceMinor: dice.one([1, -1, 50]) }),
      }),
      async (world, payment) => {
        const partners = payment.partner === undefined ? world.partners : [world.partner(payment.partner)];
        for (const { partnerId } of partners) await pay(world, provider, { ...payment, partnerId });
      },
    ),
  };
}

async function pay(
  world: World,
  provider: WorldProvider,
  { partnerId, ...payment }: Payment & { partnerId: string },
): Promise<void> {
  const { programId } = world;
  const deps = world.deps({ providers: { sandbox: { url: provider.url, secret: provider.secret } } });
  await drawStatements(world, partnerId);
  if (payment.only === 'statement') return;
  await verifyDetails(world, partnerId);
  const statements = await world.rows<{ id: string }>(
    `select id from statement where program_id = $1 and partner_id = $2 and state in ('drawn', 'held') order by id`,
    partnerId,
  );
  for (const { id: statementId } of statements) {
    const taskId = await decide(world, 'settlement.approval', { type: 'statement', id: statementId }, 'per_a');
    const by = { kind: 'person', id: 'per_a' } as const;
    const approval = { programId, statementId, at: world.now };
    await createStatementApprovalActivities(deps).approveStatement({ ...approval, taskId, by });
    if (payment.only !== 'approval') await createPayoutDrawActivities(deps).drawPayout(approval);
  }
  if (payment.only !== undefined) return;
  const payouts = await world.rows<{ id: string }>(
    `select id from payout where program_id = $1 and partner_id = $2 and state = 'approved' order by id`,
    partnerId,
  );
  for (const { id } of payouts) await release(world, { provider, deps, payment }, id);
}

async function drawStatements(world: World, partnerId: string): Promise<void> {
  await world.lockWindows();
  const due = await world.rows<{ id: string }>(
    `select w.id from attribution_window w join program_clock k on k.program_id = w.program_id
     where w.program_id = $1 and w.partner_id = $2 and w.locks_at <= k.sealed_at and w.statement_at <= $3
       and not exists (select from statement s where s.program_id = $1 and s.window_id = w.id)
     order by w.no`,
    partnerId,
    world.now,
  );
  const { drawStatement } = createStatementActivities(world.deps());
  for (const { id } of due) await drawStatement({ programId: world.programId, windowId: id, at: world.now });
}

async function release(
  world: World,
  { provider, deps, payment }: { provider: WorldProvider; deps: ReturnType<World['deps']>; payment: Payment },
  payoutId: string,
): Promise<void> {
  const moment = { programId: world.programId, payoutId, at: world.now };
  const taskId = await decide(world, 'payout.release', { type: 'payout', id: payoutId }, 'per_b');
  const { kind } = await createPayoutReleaseActivities(deps).releasePayout({ ...moment, taskIds: [taskId] });
  if (kind !== 'released') return;
  const { returned, differenceMinor } = payment;
  const fault = { key: payoutId, times: 1, retryAfterS: 1, differenceMinor: differenceMinor ?? 0, feeMinor: 25 };
  if (differenceMinor !== undefined) provider.faults.add({ ...fault, kind: 'wrong-amount' });
  if (returned) provider.faults.add({ ...fault, kind: 'returned-after-paid', delayMs: 1 });
  await createPayoutSendActivities(deps).sendPayout(moment);
  await eventually(async () => {
    const { bookState } = await createPayoutConfirmActivities(deps).lookUpPayout(moment);
    if (bookState !== (returned ? 'returned' : 'paid')) throw new Error(`The bank says ${bookState}.`);
  });
  world.paid += 1;
}

async function verifyDetails(world: World, partnerId: string): Promise<void> {
  await world.rows(
    `insert into payout_details (program_id, id, partner_id, method, account_holder, account, tax_country, hash, submitted_at, state, decided_by, decided_at)
     select $1, $2, $3, 'sandbox', 'Holder ' || $3, 'acc-' || $3, 'DE', 'h', now(), 'verified', 'per_c', now()
     where not exists (select from payout_details where program_id = $1 and partner_id = $3)`,
    newId('payoutDetails'),
    partnerId,
  );
}

/** A task as a person's decision leaves it. */
async function decide(
  world: World,
  kind: 'settlement.approval' | 'payout.release',
  subject: { type: string; id: string },
  by: string,
): Promise<string> {
  const id = newId('task');
  const outcome = kind === 'payout.release' ? 'release' : 'approve';
  await world.rows(
    `insert into task (program_id, id, kind, workflow_id, workflow_key, subject_type, subject_id, role, outcomes, data, opened_at, state, outcome, decided_by_kind, decided_by, decided_at)
     values ($1, $2, $3, $2, $2, $4, $5, 'finance', array[$6], '{}', now(), 'done', $6, 'person', $7, now())`,
    ...[id, kind, subject.type, subject.id, outcome, by],
  );
  return id;
}
