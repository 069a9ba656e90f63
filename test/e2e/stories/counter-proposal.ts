import { expect } from '@jest/globals';
import { answerSurvey, invitePartner, signContract, signedBy, waitForStatus } from '../../../demo/steps/partner.ts';
import { decide, openTask } from '../../../demo/steps/task.ts';
import type { World } from '../world.ts';

const rate = (basisPoints: number) => ({ plan: { rules: [{ kind: 'percentage', basisPoints }] } });

/** Countered twice: the first is kept with other terms, the second accepted; a third is refused, an old hash too. */
export async function counterProposal(world: World): Promise<void> {
  const team = await world.program('Counter');
  const partner = await invitePartner(team, {
    name: 'Cora Counter',
    email: 'cora@counter.example',
    type: 'creator',
    country: 'DE',
    currency: 'EUR',
  });
  await answerSurvey(partner, { audienceSize: 70_000, channels: ['video'], verticals: ['marketing'], regions: ['DE'] });
  await decide(team.manager, 'application.decision', { partnerId: partner.id }, 'approve', { reason: 'A good fit.' });

  const first = await openTask(partner.api, 'contract.signature', { partnerId: partner.id });
  await decide(partner.api, 'contract.signature', { partnerId: partner.id }, 'counter', {
    reason: 'More.',
    data: { changes: rate(2_000), message: '20 %, please.' },
  });
  await decide(team.legal, 'contract.counter', { partnerId: partner.id }, 'keep', {
    reason: 'Too much.',
    data: { changes: rate(1_100), message: '11 % is what we can do.' },
  });
  const newer = (task: { data: any }) => task.data.version > first.data.version;
  await decide(partner.api, 'contract.signature', { partnerId: partner.id, where: newer }, 'counter', {
    reason: 'Nearly.',
    data: { changes: rate(1_250), message: 'Let us meet at 12.5 %.' },
  });
  await decide(team.legal, 'contract.counter', { partnerId: partner.id }, 'accept', { reason: 'Fair.' });

  const last = await openTask(partner.api, 'contract.signature', {
    partnerId: partner.id,
    where: (task) => task.data.terms.plan.rules[0].basisPoints === 1_250,
  });
  const third = await partner.api.fetch('POST', `/v1/tasks/${last.id}/complete`, {
    outcome: 'counter',
    reason: 'Once more.',
    data: { changes: rate(1_300), message: '13 %.' },
  });
  expect([409, 422]).toContain(third.status);
  const old = await partner.api.fetch('POST', `/v1/tasks/${last.id}/complete`, {
    outcome: 'sign',
    ...signedBy('Cora Counter')(first),
  });
  expect(old.status).toBe(409);

  await signContract(team, partner);
  await waitForStatus(team, partner, 'enabling');
  const { contract } = await team.manager.get(`/v1/partners/${partner.id}`);
  const whole = await team.legal.get(`/v1/contracts/${contract.id}`);
  expect(whole.versions.at(-1).terms.plan.rules).toEqual([{ kind: 'percentage', basisPoints: 1_250 }]);
  expect(whole.versions.at(-1).version).toBe(last.data.version);
}
