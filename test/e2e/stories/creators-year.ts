import { expect } from '@jest/globals';
import { activatePartner } from '../../../demo/steps/partner.ts';
import type { Partner } from '../../../demo/steps/partner.ts';
import { creditsOf, sell } from '../../../demo/steps/sale.ts';
import type { Team } from '../../../demo/steps/team.ts';
import { waitFor } from '../../../demo/steps/wait.ts';
import { withCalendar } from '../world.ts';
import type { World } from '../world.ts';

const MONTHS = 12;
const SALES_MINOR = [10_000, 0, 2_550, 99_999];

/** Twelve windows, some of them empty; what was earned, what the ledger says and what the bank received is one figure. */
export async function creatorsYear(world: World): Promise<void> {
  const team = await world.program('A year', withCalendar({ period: 'PT5S', lockAfter: 'PT1S', payAfter: 'PT1S' }));
  const creator = await activatePartner(team, {
    name: 'Yara Year',
    email: 'yara@year.example',
    type: 'creator',
    country: 'DE',
    currency: 'EUR',
  });
  const approving = approveEverything(team);
  let sold = 0;
  for (let month = 1; month <= MONTHS; month += 1) {
    const minor = SALES_MINOR[month % SALES_MINOR.length] ?? 0;
    if (minor > 0) {
      const sale = await sell(team, {
        externalId: `year-${month}`,
        minor,
        path: [{ channel: 'video', partnerId: creator.id }],
      });
      await creditsOf(team, sale);
      sold += 1;
    }
    await waitFor(`window ${month} to end`, async () =>
      (await windowsOf(team, creator)).some((one) => one.no >= month + 1 && one.from <= new Date().toISOString()),
    );
  }
  const earned = await waitFor(
    'every commission to be paid',
    async () => {
      const { items } = await team.manager.get(`/v1/commissions?partnerId=${creator.id}&limit=200`);
      return items.length >= sold && items.every((row: any) => row.state === 'paid') && items;
    },
    { timeoutMs: 90_000 },
  );
  approving.stop();

  const total = earned.reduce((sum: number, row: any) => sum + row.amount.minor, 0);
  const { items: payouts } = await team.finance.get(`/v1/payouts?partnerId=${creator.id}&limit=200`);
  const books = await Promise.all(payouts.map((payout: any) => world.payments(payout.id)));
  expect(payouts.every((payout: any) => payout.state === 'paid' && payout.approvedBy !== payout.releasedBy)).toBe(true);
  expect(books.map((payments) => payments.length)).toEqual(payouts.map(() => 1));
  expect(books.flat().reduce((sum, payment) => sum + payment.amount.minor, 0)).toBe(total);
  expect(total).toBe(
    [...Array(MONTHS).keys()].reduce(
      (sum, month) => sum + Math.round((SALES_MINOR[(month + 1) % SALES_MINOR.length] ?? 0) / 10),
      0,
    ),
  );
  const { verification } = await team.auditor.get(`/v1/dossiers/partner/${creator.id}`);
  expect(verification).toMatchObject({ chain: 'ok', ledger: 'ok', recomputation: 'ok' });
}

const windowsOf = async (team: Team, partner: Partner): Promise<any[]> =>
  (await team.manager.get(`/v1/windows?partnerId=${partner.id}&limit=200`)).items;

/** Two persons of finance who approve and release whatever comes up; a refusal means that the other one, or a deadline, was first. */
export function approveEverything(team: Team): { stop(): void } {
  let isStopped = false;
  const work = async (api: Team['finance'], kind: string, outcome: string) => {
    while (!isStopped) {
      const { items } = await api
        .get<{ items: { id: string }[] }>(`/v1/tasks?state=open&kind=${kind}`)
        .catch(() => ({ items: [] }));
      for (const task of items) await api.post(`/v1/tasks/${task.id}/complete`, { outcome }).catch(() => undefined);
      // A story that failed does not stop this; it must not keep the process either.
      await new Promise((resolve) => setTimeout(resolve, 200).unref());
    }
  };
  void work(team.finance, 'settlement.approval', 'approve');
  void work(team.secondFinance, 'payout.release', 'release');
  return { stop: () => void (isStopped = true) };
}
