import { inTransaction } from '../../db/transaction.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { eventually } from '../support/eventually.ts';
import type { ApiStack, Reply } from './api-stack.ts';

export const ANSWERS = { audienceSize: 48_000, channels: ['video'], verticals: ['marketing'], regions: ['DE'] };

/** A partner that went the whole way over HTTP, with the key by which it speaks. */
export interface ActivePartner {
  id: string;
  key: string;
  contractId: string;
}

/** Waits for an open task of a partner and completes it. */
export async function decide(
  api: ApiStack,
  partnerId: string,
  kind: string,
  key: string | undefined,
  completion: (task: any) => Record<string, unknown>,
): Promise<Reply> {
  const task = await eventually(async () => {
    const { body } = await api.send('GET', `/v1/tasks?partnerId=${partnerId}&kind=${kind}&state=open`, {
      key: api.keys.owner,
    });
    if (!body.items[0]) throw new Error(`No open task ${kind}.`);
    return body.items[0];
  });
  const reply = await api.send('POST', `/v1/tasks/${task.id}/complete`, { key, body: completion(task) });
  if (reply.status !== 200) throw new Error(`${kind}: ${reply.text}`);
  return reply;
}

const sign = ({ data }: any) => ({
  outcome: 'sign',
  data: { signatoryName: 'Mira Muster', acceptedVersion: data.version, acceptedHash: data.hash },
});

/** Invites a partner and brings it to `active`. */
export async function anActivePartner(api: ApiStack, email: string): Promise<ActivePartner> {
  const body = { name: 'Mira Films', email, type: 'creator', country: 'DE' };
  const { body: partner } = await api.send('POST', '/v1/partners', { key: api.keys.partner_manager, body });
  const { id } = partner;
  const key = await inTransaction(
    api.pool,
    api.programId,
    async (tx) => (await mintApiKey(tx, { name: 'P', role: 'partner', partnerId: id })).apiKey,
  );
  await decide(api, id, 'partner.survey', key, () => ({ outcome: 'answered', data: { answers: ANSWERS } }));
  await decide(api, id, 'application.decision', api.keys.partner_manager, () => ({ outcome: 'approve' }));
  const signed = await decide(api, id, 'contract.signature', key, sign);
  await decide(api, id, 'contract.countersignature', api.keys.legal, sign);
  const modules = await api.send('GET', '/v1/training-modules', { key: api.keys.auditor });
  const right = Object.fromEntries(
    modules.body.items[0].questions.map((question: any) => [question.id, question.correct]),
  );
  await decide(api, id, 'enablement.training', key, (task) => ({
    outcome: 'completed',
    data: { moduleId: task.data.moduleId, answers: right },
  }));
  await eventually(async () => {
    const { body: now } = await api.send('GET', `/v1/partners/${id}`, { key });
    if (now.status !== 'active') throw new Error(`The partner is ${now.status}.`);
  });
  return { id, key, contractId: signed.body.task.data.contractId };
}
