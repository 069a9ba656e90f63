import { complainAndCorrect } from './acts/complaining.ts';
import { askCustomers } from './acts/listening.ts';
import { payPartner } from './acts/paying.ts';
import { showEvidence } from './acts/proving.ts';
import { publishContent } from './acts/publishing.ts';
import { recruitPartners } from './acts/recruiting.ts';
import { sellThings } from './acts/selling.ts';
import { enablePartners, signContracts } from './acts/signing.ts';
import type { World } from './world.ts';

/** The whole story, in the order in which it happens. */
export async function tellStory(world: World): Promise<void> {
  const from = new Date().toISOString();
  await askCustomers(world);
  const { creator, agency } = await recruitPartners(world);
  await signContracts(world, creator, agency);
  await enablePartners(world, creator, agency);
  const link = await publishContent(world, creator);
  const sales = await sellThings(world, creator, agency, link);

  world.tell.chapter('The window closes, two persons let the money go');
  world.tell.say('A month takes a minute here. Waiting for the window to close and lock …');
  await payPartner(world, creator);
  await complainAndCorrect(world, creator, sales, from);

  world.tell.chapter('The next window pays the difference');
  world.tell.say('Waiting for the next window to close and lock …');
  const payoutId = await payPartner(world, creator);
  await showEvidence(world, creator, payoutId);
}
