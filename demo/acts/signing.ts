import { RIGHT_ANSWERS, givePayoutDetails, quizAnswers, signContract, waitForStatus } from '../steps/partner.ts';
import type { Partner } from '../steps/partner.ts';
import { decide } from '../steps/task.ts';
import type { World } from '../world.ts';

/** The creator asks for more and gets it; the agency signs what it was offered. */
export async function signContracts(world: World, creator: Partner, agency: Partner): Promise<void> {
  const { team, tell } = world;
  tell.chapter('A contract is offered, countered, signed by both sides');
  const message = 'I would sign for 12 %.';
  await decide(creator.api, 'contract.signature', { partnerId: creator.id }, 'counter', {
    reason: 'Video takes a week of work.',
    data: { changes: { plan: { rules: [{ kind: 'percentage', basisPoints: 1200 }] } }, message },
  });
  tell.quote(creator.name, message);
  await decide(team.legal, 'contract.counter', { partnerId: creator.id }, 'accept', { reason: 'Within the range.' });
  tell.say('Legal accepts the counter-proposal; a new version goes out for signature.');
  for (const partner of [creator, agency]) {
    const { data } = await signContract(team, partner);
    tell.say(
      `${partner.name} and the advertiser signed version ${data.version}, hash ${String(data.hash).slice(0, 12)}….`,
    );
  }
}

/** Training with a quiz, payout details and their verification; then the partners are active. */
export async function enablePartners(world: World, creator: Partner, agency: Partner): Promise<void> {
  const { team, tell } = world;
  tell.chapter('Training, payout details, and they are active');
  const wrong = { ...RIGHT_ANSWERS, disclosure: 'end', refund: 'kept' };
  await decide(creator.api, 'enablement.training', { partnerId: creator.id }, 'completed', quizAnswers(wrong));
  tell.say(`${creator.name} fails the quiz at the first try; the task opens again.`);
  const secondTry = { partnerId: creator.id, where: (task: { data: any }) => task.data.attempt > 1 };
  await decide(creator.api, 'enablement.training', secondTry, 'completed', quizAnswers(RIGHT_ANSWERS));
  await decide(agency.api, 'enablement.training', { partnerId: agency.id }, 'completed', quizAnswers(RIGHT_ANSWERS));
  for (const partner of [creator, agency]) {
    await givePayoutDetails(team, partner);
    await waitForStatus(team, partner, 'active');
    tell.say(`${partner.name} passed the quiz, and finance verified the account: active.`);
  }
}
