import { DomainError } from '../../domain/errors.ts';
import { explainStudied } from '../../db/attribution/study-explanation.ts';
import { draftSpan } from '../../db/attribution/study-rules.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { readPolicyNames } from '../../db/queries/policy-name.ts';
import { getPolicy } from '../../db/queries/policy-version.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import { getStudy, insertRepeatedStudy, insertStudy, listStudies } from '../../db/queries/study.ts';
import type { Study } from '../../db/queries/study.ts';
import { listStudiedConversions } from '../../db/queries/study-conversion.ts';
import { sumByBeneficiary, sumByFact } from '../../db/queries/study-sum.ts';
import { namesOf } from '../../db/queries/timeline.ts';
import type { Tx } from '../../db/transaction.ts';
import { caller, reading, writing } from '../caller.ts';
import { refusalOf } from '../command.ts';
import { pageOf } from '../contracts/answer.ts';
import { noBody } from '../contracts/program.ts';
import {
  breakdown,
  breakdownQuery,
  newStudy,
  sampleQuery,
  studiedConversion,
  study,
  studyDetail,
} from '../contracts/study.ts';
import { listById } from '../list.ts';
import { preferred } from '../media-type.ts';
import { afterCursor, pageQuery, refusedCursor, toPage } from '../page.ts';
import { actorId } from '../principal.ts';
import { MANAGERS, READERS } from '../roles.ts';
import { accepted, ok, route } from '../route.ts';
import type { Answer, Call } from '../route.ts';
import { EVALUATION_ROUTES } from './evaluations.ts';
import { showStudiedConversion } from '../studied-conversion.ts';
import { groupsCsv, linesCsv, showGroup, showLine, showStudy } from '../study-view.ts';

const MEDIA_TYPES = ['application/json', 'text/csv'];

export const STUDY_ROUTES = [
  route({
    id: 'studies.create',
    method: 'post',
    path: '/v1/attribution/policies/{id}/studies',
    tag: 'Attribution',
    summary: 'Studies what a policy would have changed; it writes nothing but itself',
    roles: [...MANAGERS, 'finance'],
    subject: { kind: 'policy', param: 'id' },
    body: newStudy,
    answer: { status: 202, schema: study },
    handle: async (call) => {
      const id = idFromSuffix('study', call.seed);
      const { from, to } = call.body;
      const made = await writing(call, async (tx) => {
        const policy = await getPolicy(tx, call.params.id);
        const requestedBy = actorId(caller(call));
        await insertStudy(tx, { id, policyId: policy.id, fromAt: from, toAt: to, requestedBy });
        return getStudy(tx, id);
      });
      await startStudy(call, id);
      return accepted(showStudy(made));
    },
  }),
  route({
    id: 'studies.list',
    method: 'get',
    path: '/v1/attribution/policies/{id}/studies',
    tag: 'Attribution',
    summary: 'The studies of a policy, newest first',
    roles: READERS,
    subject: { kind: 'policy', param: 'id' },
    query: pageQuery,
    answer: { status: 200, schema: pageOf(study) },
    handle: (call) =>
      listById(
        call,
        (tx, { afterId, limit }) => listStudies(tx, call.params.id, { beforeId: afterId, limit }),
        showStudy,
      ),
  }),
  route({
    id: 'studies.get',
    method: 'get',
    path: '/v1/attribution/studies/{id}',
    tag: 'Attribution',
    summary: 'A study: totals, and every beneficiary before and after; the lines also as CSV',
    roles: READERS,
    subject: { kind: 'study', param: 'id' },
    answer: { status: 200, schema: studyDetail, mediaTypes: MEDIA_TYPES },
    handle: async (call) => {
      const shown = await reading(call, (tx) => readStudy(tx, call.params.id));
      return isCsv(call) ? csv('study.csv', linesCsv(shown.lines)) : ok(shown);
    },
  }),
  route({
    id: 'studies.breakdown',
    method: 'get',
    path: '/v1/attribution/studies/{id}/breakdown',
    tag: 'Attribution',
    summary: 'A study before and after by type, market, channel, vertical or window state; also as CSV',
    roles: READERS,
    subject: { kind: 'study', param: 'id' },
    query: breakdownQuery,
    answer: { status: 200, schema: breakdown, mediaTypes: MEDIA_TYPES },
    handle: async (call) => {
      const { groupBy } = call.query;
      const items = await reading(call, async (tx) => {
        const { currency } = await readProgramFrame(tx);
        return (await sumByFact(tx, call.params.id, groupBy)).map((sum) => showGroup(sum, currency));
      });
      if (isCsv(call)) return csv('breakdown.csv', groupsCsv(groupBy, items));
      return ok({ studyId: call.params.id, groupBy, items });
    },
  }),
  route({
    id: 'studies.conversions',
    method: 'get',
    path: '/v1/attribution/studies/{id}/conversions',
    tag: 'Attribution',
    summary: 'The conversions that a study changes most, each explained before and after',
    roles: READERS,
    subject: { kind: 'study', param: 'id' },
    query: sampleQuery,
    answer: { status: 200, schema: pageOf(studiedConversion) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, sort } = call.query;
        const found = await getStudy(tx, call.params.id);
        assertDone(found);
        const offset = placeAfter(afterCursor({ limit, cursor }));
        const rows = await listStudiedConversions(tx, found.id, { sort, offset, limit: limit + 1 });
        const ids = rows.slice(0, limit).map(({ id }) => id);
        const sides = await explainStudied(tx, found, ids);
        const policyIds = [...sides.values()].flatMap(({ before, after }) => [before.policyId, after.policyId]);
        const policies = await readPolicyNames(tx, policyIds);
        const partners = [...sides.values()].flatMap(({ before, after }) => [...before.credits, ...after.credits]);
        const names = await namesOf(tx, [...new Set(partners.map(({ beneficiary }) => beneficiary.id))]);
        const page = toPage(
          rows,
          limit,
          () => String(offset + limit),
          (row) => showStudiedConversion(row, sides.get(row.id)!, { names, policies }),
        );
        return ok(page);
      }),
  }),
  route({
    id: 'studies.repeat',
    method: 'post',
    path: '/v1/attribution/studies/{id}/repeat',
    tag: 'Attribution',
    summary: 'Does a study again at the same cut, with the policy as it was: it says the same, to the byte',
    roles: [...MANAGERS, 'finance'],
    subject: { kind: 'study', param: 'id' },
    body: noBody,
    answer: { status: 202, schema: study },
    handle: async (call) => {
      const id = idFromSuffix('study', call.seed);
      const made = await writing(call, async (tx) => {
        const of = await getStudy(tx, call.params.id);
        assertDone(of);
        draftSpan(of);
        await insertRepeatedStudy(tx, { id, of: call.params.id, requestedBy: actorId(caller(call)) });
        return getStudy(tx, id);
      });
      await startStudy(call, id);
      return accepted(showStudy(made));
    },
  }),
  ...EVALUATION_ROUTES,
];

function assertDone({ state }: Study): void {
  if (state === 'done') return;
  throw new DomainError('illegal-transition', `This study is ${state}; ask again when it is done.`, { state });
}

/** A study that is done does not change, so a place in its order is as good as a key. */
function placeAfter(cursor = '0'): number {
  if (/^\d{1,9}$/.test(cursor)) return Number(cursor);
  throw refusedCursor();
}

function isCsv(call: Pick<Call, 'request'>): boolean {
  return preferred(call.request, 'text/csv') === 'text/csv';
}

function csv(name: string, bytes: string): Answer {
  const headers = { 'Content-Disposition': `attachment; filename="${name}"` };
  return { status: 200, bytes, mediaType: 'text/csv', headers };
}

/** A study that is there already is not started twice; one that was stored and not started is started by the repeated request. */
async function startStudy(call: Call<unknown, unknown, unknown>, studyId: string): Promise<void> {
  const { client, taskQueues, commandTimeoutMs } = call.deps;
  try {
    await client.withDeadline(Date.now() + commandTimeoutMs, () =>
      client.workflow.start('study', {
        workflowId: `study/${studyId}`,
        taskQueue: taskQueues.attribution,
        args: [{ programId: caller(call).programId, studyId }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `study/${studyId}`,
      }),
    );
  } catch (error) {
    throw refusalOf(error);
  }
}

async function readStudy(tx: Tx, id: string) {
  const found = await getStudy(tx, id);
  const { currency } = await readProgramFrame(tx);
  const lines = (await sumByBeneficiary(tx, id)).map((sum) => showLine(sum, currency));
  return { ...showStudy(found), policy: found.policy, lines };
}
