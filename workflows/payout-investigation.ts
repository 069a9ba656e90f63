import type { PayoutView } from '../activities/payout-view.ts';
import { personsNeeded } from '../domain/task/decision.ts';
import { call, record } from './activity-proxies.ts';
import type { TaskDesk } from './human-task.ts';
import { now } from './pause.ts';

/**
 * Finance says what became of a payment that nobody knows of. `paid` needs one person, `not-paid` two, because it makes the money
 * payable again; if the second says otherwise, both are asked anew. A webhook ends the question: the book is looked up again.
 */
export async function investigate(
  payout: PayoutView,
  desk: TaskDesk,
  heard: { isReported: boolean },
): Promise<PayoutView['state']> {
  const { programId, payoutId, partnerId } = payout;
  const ask = (excludedPersons: string[]) => {
    payout.investigationsAsked += 1;
    return desk.ask({
      key: `investigation/${payoutId}/${payout.investigationsAsked}`,
      kind: 'payout.investigation',
      partnerId,
      subject: { type: 'payout', id: payoutId },
      excludedPersons,
      data: { step: excludedPersons.length === 0 ? 1 : 2 },
      cancelWhen: () => heard.isReported,
    });
  };
  for (;;) {
    const first = await ask([]);
    const decision = { programId, payoutId, taskId: first.taskId, by: first.by, at: now() };
    if (first.outcome === 'paid') return (await record.concludeInvestigation({ ...decision, outcome: 'paid' })).state;
    const isEnough = personsNeeded('payout.investigation', first.outcome) === 1;
    const second = isEnough ? first : await ask(await record.personsBehind(decision));
    if (second.outcome === 'not-paid') {
      return (
        await record.concludeInvestigation({ programId, payoutId, outcome: 'not-paid', by: second.by, at: now() })
      ).state;
    }
    if (second.outcome === 'cancelled') {
      heard.isReported = false;
      const { state } = await call.lookUpPayout({ programId, payoutId, at: now() });
      if (state !== 'investigation') return state;
    }
  }
}
