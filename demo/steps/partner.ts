import { createApiClient } from './client.ts';
import type { ApiClient } from './client.ts';
import { decide } from './task.ts';
import type { Decision, TaskView } from './task.ts';
import type { Team } from './team.ts';
import { waitFor } from './wait.ts';

/** A partner with a key of their own. */
export interface Partner {
  id: string;
  name: string;
  email: string;
  api: ApiClient;
}

export interface Candidate {
  name: string;
  email: string;
  type: string;
  country: string;
  language?: string;
  currency?: string;
  externalId?: string;
}

export const RIGHT_ANSWERS: Record<string, string> = { disclosure: 'start', link: 'own', refund: 'returned' };

export async function invitePartner(team: Team, candidate: Candidate): Promise<Partner> {
  const { id } = await team.manager.post('/v1/partners', candidate);
  return { id, name: candidate.name, email: candidate.email, api: await partnerClient(team, id) };
}

/** Makes a key that acts for the partner. */
export async function partnerClient(team: Team, partnerId: string): Promise<ApiClient> {
  const key = await team.owner.post('/v1/api-keys', { name: 'Partner’s key', role: 'partner', partnerId });
  return createApiClient(team.access.baseUrl, key.apiKey);
}

export function answerSurvey(partner: Partner, answers: Record<string, unknown>): Promise<TaskView> {
  return decide(partner.api, 'partner.survey', { partnerId: partner.id }, 'answered', { data: { answers } });
}

/** A signature under the version and hash that the task shows. */
export const signedBy =
  (signatoryName: string) =>
  (task: TaskView): Decision => ({
    data: { signatoryName, acceptedVersion: task.data.version, acceptedHash: task.data.hash },
  });

export async function signContract(team: Team, partner: Partner): Promise<TaskView> {
  await decide(partner.api, 'contract.signature', { partnerId: partner.id }, 'sign', signedBy(partner.name));
  return decide(team.legal, 'contract.countersignature', { partnerId: partner.id }, 'sign', signedBy('Lena Legal'));
}

/** Answers of a quiz, by question. */
export const quizAnswers =
  (answers: Record<string, string>) =>
  (task: TaskView): Decision => ({ data: { moduleId: task.data.moduleId, answers } });

export async function completeTraining(partner: Partner): Promise<void> {
  await decide(partner.api, 'enablement.training', { partnerId: partner.id }, 'completed', quizAnswers(RIGHT_ANSWERS));
}

export async function givePayoutDetails(
  team: Team,
  partner: Partner,
  account = `acct-${partner.id.slice(-8)}`,
): Promise<void> {
  await decide(partner.api, 'enablement.payout-details', { partnerId: partner.id }, 'submitted', {
    data: { method: 'sandbox', accountHolder: partner.name, account, taxCountry: 'DE', smallBusiness: true },
  });
  await decide(team.finance, 'payout-details.verification', { partnerId: partner.id }, 'verify', {
    reason: 'Name and account match.',
  });
}

export function waitForStatus(team: Team, partner: Partner, status: string): Promise<unknown> {
  return waitFor(
    `${partner.name} to be ${status}`,
    async () => (await team.manager.get(`/v1/partners/${partner.id}`)).status === status,
  );
}

/** The whole way from the invitation to `active`, everything going well. */
export async function activatePartner(team: Team, candidate: Candidate): Promise<Partner> {
  const partner = await invitePartner(team, candidate);
  await answerSurvey(partner, {
    audienceSize: 10_000,
    channels: ['video'],
    verticals: ['marketing'],
    regions: [candidate.country],
  });
  await decide(team.manager, 'application.decision', { partnerId: partner.id }, 'approve', { reason: 'A good fit.' });
  await signContract(team, partner);
  await completeTraining(partner);
  await givePayoutDetails(team, partner);
  await waitForStatus(team, partner, 'active');
  return partner;
}
