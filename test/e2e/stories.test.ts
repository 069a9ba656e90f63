import { afterAll, describe, it } from '@jest/globals';
import { changesRequestedTwice } from './stories/changes-requested-twice.ts';
import { complaintPaysTheDifference } from './stories/complaint-pays-the-difference.ts';
import { counterProposal } from './stories/counter-proposal.ts';
import { creatorsYear } from './stories/creators-year.ts';
import { declinedAndReapplied } from './stories/declined-and-reapplied.ts';
import { endedWithALastSettlement } from './stories/ended-with-a-last-settlement.ts';
import { refundAfterPayment } from './stories/refund-after-payment.ts';
import { waitlistedUntilABrief } from './stories/waitlisted-until-a-brief.ts';
import { startWorld } from './world.ts';
import type { World } from './world.ts';

// One tree of processes for all; each story has a program of its own, and they run at once, because they mostly wait for their clocks.
let starting: Promise<World> | undefined;
const world = () => (starting ??= startWorld());
/** A story asserts on its way; it ends where it should or throws. */
const expectStory = async (story: (world: World) => Promise<void>) => story(await world());
const LONGEST_MS = 300_000;

describe('the stories of a programme', () => {
  afterAll(async () => (await starting)?.stop(), 60_000);

  it.concurrent('pays a creator’s year to the cent', () => expectStory(creatorsYear), LONGEST_MS);
  it.concurrent(
    'lets a declined partner apply again under the same id',
    () => expectStory(declinedAndReapplied),
    LONGEST_MS,
  );
  it.concurrent(
    'screens a waitlisted partner again when the brief changes',
    () => expectStory(waitlistedUntilABrief),
    LONGEST_MS,
  );
  it.concurrent('lets a contract be countered twice', () => expectStory(counterProposal), LONGEST_MS);
  it.concurrent('reviews content until it is right', () => expectStory(changesRequestedTwice), LONGEST_MS);
  it.concurrent('takes a commission back that was paid', () => expectStory(refundAfterPayment), LONGEST_MS);
  it.concurrent('pays the difference after a complaint', () => expectStory(complaintPaysTheDifference), LONGEST_MS);
  it.concurrent('ends with a last settlement', () => expectStory(endedWithALastSettlement), LONGEST_MS);
});
