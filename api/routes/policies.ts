import { DomainError } from '../../domain/errors.ts';
import { assertNotFarAhead } from '../../domain/time/far-ahead.ts';
import { policyChangesNamed } from '../../db/attribution/rule-names.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { recordEvent } from '../../db/queries/event.ts';
import type { EventKind } from '../../domain/event/catalogue.ts';
import {
  findPolicy,
  findPolicyBefore,
  getPolicy,
  insertPolicyDraft,
  listPolicies,
  lockDraft,
  updatePolicyDraft,
} from '../../db/queries/policy-version.ts';
import type { PolicyVersion } from '../../db/queries/policy-version.ts';
import { findSubject } from '../../db/queries/subject.ts';
import type { Tx } from '../../db/transaction.ts';
import { submitPolicy } from '../../workflows/messages.ts';
import { caller, reading, writing } from '../caller.ts';
import { command } from '../command.ts';
import { pageOf } from '../contracts/answer.ts';
import { newPolicy, policy, policyChanges, policyQuery, submission } from '../contracts/attribution.ts';
import { policyDifference, policyDiffQuery } from '../contracts/policy-diff.ts';
import { listById } from '../list.ts';
import { readPolicyBody, withChanges } from '../policy-body.ts';
import { actorId, actorOf } from '../principal.ts';
import { isRepeated } from '../repeated.ts';
import { MANAGERS, READERS } from '../roles.ts';
import { accepted, created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const POLICY_ROUTES = [
  route({
    id: 'policies.list',
    method: 'get',
    path: '/v1/attribution/policies',
    tag: 'Attribution',
    summary: 'Versions of the attribution rule',
    roles: READERS,
    query: policyQuery,
    answer: { status: 200, schema: pageOf(policy) },
    handle: (call) => {
      const { state } = call.query;
      return listById(call, (tx, page) => listPolicies(tx, { state, ...page }), showPolicy);
    },
  }),
  route({
    id: 'policies.get',
    method: 'get',
    path: '/v1/attribution/policies/{id}',
    tag: 'Attribution',
    summary: 'One version',
    roles: READERS,
    subject: { kind: 'policy', param: 'id' },
    answer: { status: 200, schema: policy },
    handle: (call) => reading(call, async (tx) => ok(showPolicy(await getPolicy(tx, call.params.id)))),
  }),
  route({
    id: 'policies.diff',
    method: 'get',
    path: '/v1/attribution/policies/{id}/diff',
    tag: 'Attribution',
    summary: 'What a version changes, in plain words; by default against the version in force before it',
    roles: READERS,
    subject: { kind: 'policy', param: 'id' },
    query: policyDiffQuery,
    answer: { status: 200, schema: policyDifference },
    handle: (call) =>
      reading(call, async (tx) => {
        const after = await getPolicy(tx, call.params.id);
        const before = await policyAgainst(tx, after, call.query.against);
        return ok({
          policyId: after.id,
          against: before.id,
          items: await policyChangesNamed(tx, before.body, after.body),
        });
      }),
  }),
  route({
    id: 'policies.create',
    method: 'post',
    path: '/v1/attribution/policies',
    tag: 'Attribution',
    summary: 'Makes a draft, the next version of its name',
    roles: MANAGERS,
    body: newPolicy,
    answer: { status: 201, schema: policy },
    handle: (call) =>
      writing(call, async (tx) => {
        const body = await readPolicyBody(tx, call.body);
        const id = idFromSuffix('policy', call.seed);
        const draft = await insertPolicyDraft(tx, { id, body, createdBy: actorId(caller(call)) });
        await note(call, tx, 'policy.drafted', id);
        return created(showPolicy(draft));
      }),
  }),
  route({
    id: 'policies.change',
    method: 'patch',
    path: '/v1/attribution/policies/{id}',
    tag: 'Attribution',
    summary: 'Changes a draft; each field that is given replaces the whole field, and null takes an optional one out',
    roles: MANAGERS,
    subject: { kind: 'policy', param: 'id' },
    body: policyChanges,
    answer: { status: 200, schema: policy },
    handle: (call) =>
      writing(call, async (tx) => {
        const { id } = call.params;
        const body = await readPolicyBody(tx, withChanges((await lockDraft(tx, id)).body, call.body));
        const draft = await updatePolicyDraft(tx, id, body);
        await note(call, tx, 'policy.draft-changed', id);
        return ok(showPolicy(draft));
      }),
  }),
  route({
    id: 'policies.submit',
    method: 'post',
    path: '/v1/attribution/policies/{id}/submit',
    tag: 'Attribution',
    summary: 'Submits a draft: two persons approve it with its impact study in view',
    roles: MANAGERS,
    subject: { kind: 'policy', param: 'id' },
    body: submission,
    answer: { status: 202, schema: policy },
    handle: async (call) => {
      const { id: policyId } = call.params;
      await reading(call, async (tx) => {
        if (!(await isRepeated(tx, call))) await assertSubmittable(tx, policyId, call.body);
      });
      const { reason, ...asked } = call.body;
      await command(call, {
        update: submitPolicy,
        workflowId: `policy/${policyId}`,
        payload: { policyId, ...asked },
        input: { kind: 'policy.submit', subjectId: policyId, data: { reason } },
        start: { type: 'policyChange', queue: 'journeys', args: { programId: caller(call).programId, policyId } },
      });
      return accepted(await reading(call, async (tx) => showPolicy(await getPolicy(tx, policyId))));
    },
  }),
];

/** @throws DomainError `invalid` for a version that is not there, or none to compare with */
async function policyAgainst(tx: Tx, policy: PolicyVersion, asked: string | undefined): Promise<PolicyVersion> {
  const id = asked ?? (await findPolicyBefore(tx, policy));
  if (id === undefined) {
    throw refusedFields([{ path: 'against', message: 'No version was in force before it; name one.' }]);
  }
  const found = await findPolicy(tx, id);
  if (!found) throw refusedFields([{ path: 'against', message: `There is no policy ${id}.` }]);
  return found;
}

/** Everything that the workflow would refuse, before it starts: a run that refused its first submission is over. */
async function assertSubmittable(
  tx: Tx,
  policyId: string,
  {
    effectiveFrom,
    reevaluateFrom,
    feedbackId,
  }: { effectiveFrom: string; reevaluateFrom?: string; feedbackId?: string },
): Promise<void> {
  assertNotFarAhead(effectiveFrom, new Date().toISOString(), 'effectiveFrom');
  const latest = Math.max(Date.parse(effectiveFrom), Date.now());
  if (reevaluateFrom !== undefined && Date.parse(reevaluateFrom) >= latest) {
    throw refusedFields([{ path: 'reevaluateFrom', message: 'Give an instant before the policy comes into force.' }]);
  }
  if (feedbackId !== undefined && !(await findSubject(tx, 'feedback', feedbackId))) {
    throw refusedFields([{ path: 'feedbackId', message: `There is no case ${feedbackId}.` }]);
  }
  const { state, body } = await getPolicy(tx, policyId);
  if (state !== 'draft') throw new DomainError('illegal-transition', `A policy that is ${state} cannot be submitted.`);
  // A draft may be older than a rule of what can be drafted, and could not be put in force after its approval.
  await readPolicyBody(tx, body);
}

async function note(call: Call<unknown, unknown, unknown>, tx: Tx, kind: EventKind, id: string): Promise<void> {
  const actor = actorOf(caller(call));
  await recordEvent(tx, { kind, actor, subject: { type: 'policy', id }, at: new Date().toISOString() });
}

/** A version with its rule beside it, and with what was asked for at its submission. */
export function showPolicy({ body, ...version }: PolicyVersion) {
  return { ...body, ...version };
}
