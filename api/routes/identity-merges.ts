import { undoMerge } from '../../db/intake/merge-undo.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { findIdentityMerge, listIdentityMerges } from '../../db/queries/identity-merge.ts';
import type { PersonFilter } from '../../db/queries/identity-merge.ts';
import { DomainError } from '../../domain/errors.ts';
import { caller, reading, writing } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { identityMerge, identityMergeQuery, mergeUndo } from '../contracts/identity-merge.ts';
import { nudgeFeed } from '../nudge.ts';
import { afterCursor, toPage } from '../page.ts';
import { actorId, actorOf } from '../principal.ts';
import { MANAGERS, READERS } from '../roles.ts';
import { ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const IDENTITY_MERGE_ROUTES = [
  route({
    id: 'identity-merges.list',
    method: 'get',
    path: '/v1/identity-merges',
    tag: 'Tracking',
    summary: 'Which ids were found to be one person, why, and what was taken back',
    roles: READERS,
    query: identityMergeQuery,
    answer: { status: 200, schema: pageOf(identityMerge) },
    handle: (call) => {
      const { limit, cursor, ...person } = call.query;
      assertOnePerson(person);
      return reading(call, async (tx) => {
        const page = { afterId: afterCursor({ limit, cursor }), limit: limit + 1 };
        return ok(
          toPage(
            await listIdentityMerges(tx, person, page),
            limit,
            ({ id }) => id,
            (merge) => merge,
          ),
        );
      });
    },
  }),
  route({
    id: 'identity-merges.undo',
    method: 'post',
    path: '/v1/identity-merges/{id}/undo',
    tag: 'Tracking',
    summary: 'Takes a merge back: open conversions of both sides are credited anew, locked ones stay as they are',
    roles: MANAGERS,
    subject: { kind: 'identity merge', param: 'id' },
    body: mergeUndo,
    answer: { status: 200, schema: identityMerge },
    handle: async (call) => {
      const { id } = call.params;
      const { reason } = call.body;
      const actor = actorOf(caller(call));
      const merge = await writing(call, async (tx) => {
        const before = await findIdentityMerge(tx, id);
        if (before?.refusedReason) {
          throw new DomainError('illegal-transition', 'These two were never joined, so there is nothing to take back.');
        }
        if (!(await undoMerge(tx, { mergeId: id, reason, by: actorId(caller(call)) }))) {
          // Read anew: whoever took it back may have done so since the look before.
          const after = await findIdentityMerge(tx, id);
          throw new DomainError('illegal-transition', 'This merge was taken back before.', { undo: after?.undo });
        }
        await recordEvent(tx, {
          kind: 'identity.merge-undone',
          actor,
          subject: { type: 'identity', id },
          data: { reason },
          at: new Date().toISOString(),
        });
        return findIdentityMerge(tx, id);
      });
      nudgeFeed(call.deps, caller(call).programId);
      return ok(merge);
    },
  }),
];

function assertOnePerson(person: PersonFilter): void {
  const given = Object.values(person).filter((value) => value !== undefined);
  if (given.length === 1) return;
  throw refusedFields([
    { path: 'customerId', message: 'Give one of identityId, visitorId, customerId, emailHash and conversionId.' },
  ]);
}
