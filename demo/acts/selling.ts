import { showMoney } from '../narrator.ts';
import type { Partner } from '../steps/partner.ts';
import { creditsOf, refund, sell } from '../steps/sale.ts';
import type { Sale } from '../steps/sale.ts';
import { waitFor } from '../steps/wait.ts';
import type { World } from '../world.ts';
import type { PartnerLink } from './publishing.ts';

type Who = 'creator' | 'agency' | 'mail';

/** The paths of the story: the video convinces, and the automatic mail is the last click nearly everywhere. */
const PATHS: { path: Who[]; minor: number }[] = [
  { path: ['creator', 'mail'], minor: 12_000 },
  { path: ['creator', 'mail'], minor: 30_000 },
  { path: ['creator', 'agency', 'mail'], minor: 50_000 },
  { path: ['creator', 'agency'], minor: 20_000 },
  { path: ['creator'], minor: 9_900 },
];

/** Customers click and buy; one gives part of it back. */
export async function sellThings(world: World, creator: Partner, agency: Partner, link: PartnerLink): Promise<Sale[]> {
  const { team, tell } = world;
  tell.chapter('Customers click, get the automatic e-mail, and buy');
  const clicked = await fetch(link.url, { redirect: 'manual' });
  tell.say(`The creator’s link answers ${clicked.status} and leads to ${clicked.headers.get('location')}`);
  const touch = {
    creator: { channel: 'video', partnerId: creator.id },
    agency: { channel: 'newsletter', partnerId: agency.id },
    mail: { channel: 'system_email' },
  };
  const sales: Sale[] = [];
  for (const [index, { path, minor }] of PATHS.entries()) {
    sales.push(
      await sell(team, { externalId: `order-${world.run}-${index + 1}`, minor, path: path.map((who) => touch[who]) }),
    );
  }
  for (const sale of sales) await creditsOf(team, sale);
  const [first] = sales;
  if (first) {
    await refund(team, first, `return-${world.run}`, 2_000);
    await waitFor(
      'the refund to count',
      async () => (await team.manager.get(`/v1/conversions/${first.id}`)).remaining.minor === 10_000,
    );
    tell.say('One customer gives back 20.00 EUR of the first order; its credit shrinks with it.');
  }
  await showCredits(world, sales);
  return sales;
}

/** A table of who got what of each sale. */
export async function showCredits(world: World, sales: Sale[]): Promise<void> {
  const rows: string[][] = [['sale', 'remaining', 'who gets the credit']];
  for (const sale of sales) {
    const { credits, remaining } = await world.team.manager.get(`/v1/conversions/${sale.id}`);
    const who = credits.map(
      (credit: any) => `${credit.beneficiary.name ?? credit.beneficiary.id} ${(credit.share * 100).toFixed(0)} %`,
    );
    rows.push([sale.externalId, showMoney(remaining), who.join(', ')]);
  }
  world.tell.table(rows);
}
