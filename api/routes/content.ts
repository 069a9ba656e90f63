import { idFromSuffix } from '../../db/ids.ts';
import { unknownAssetVersions } from '../../db/queries/asset.ts';
import { findContentView, listContent, listContentRounds } from '../../db/queries/content-read.ts';
import { findPartnerView } from '../../db/queries/partner-read.ts';
import { DomainError } from '../../domain/errors.ts';
import { submitContent } from '../../workflows/messages.ts';
import { caller, partnerFilter, reading } from '../caller.ts';
import { command } from '../command.ts';
import { pageOf } from '../contracts/answer.ts';
import { content, contentDetail, contentQuery, newContent } from '../contracts/content.ts';
import { listById } from '../list.ts';
import { isRepeated } from '../repeated.ts';
import { MANAGERS, READERS_AND_PARTNER } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const CONTENT_ROUTES = [
  route({
    id: 'content.create',
    method: 'post',
    path: '/v1/partners/{id}/content',
    tag: 'Content',
    summary: 'Hands in a first draft for review',
    roles: [...MANAGERS, 'partner'],
    subject: { kind: 'partner', param: 'id' },
    body: newContent,
    answer: { status: 201, schema: content },
    handle: async (call) => {
      const partnerId = call.params.id;
      const contentId = idFromSuffix('content', call.seed);
      const { programId } = caller(call);
      await reading(call, async (tx) => {
        const [unknown] = await unknownAssetVersions(tx, call.body.assetVersionIds ?? []);
        if (unknown !== undefined) {
          throw refusedFields([{ path: 'assetVersionIds', message: `There is no asset version ${unknown}.` }]);
        }
        const status = (await findPartnerView(tx, partnerId))?.status;
        if (status === 'active' || (await isRepeated(tx, call))) return;
        throw new DomainError('illegal-transition', `A partner that is ${status} hands in no new content.`);
      });
      await command(call, {
        update: submitContent,
        workflowId: `content/${contentId}`,
        payload: { partnerId, contentId },
        input: { kind: 'content.submit', subjectId: contentId, data: call.body },
        start: { type: 'contentReview', queue: 'journeys', args: { programId, partnerId, contentId } },
      });
      return created(await reading(call, (tx) => findContentView(tx, contentId)));
    },
  }),
  route({
    id: 'content.list',
    method: 'get',
    path: '/v1/content',
    tag: 'Content',
    summary: 'Content by state and partner',
    roles: READERS_AND_PARTNER,
    query: contentQuery,
    answer: { status: 200, schema: pageOf(content) },
    handle: (call) => {
      const { state } = call.query;
      const partnerId = partnerFilter(call, call.query.partnerId);
      return listById(call, (tx, page) => listContent(tx, { state, partnerId, ...page }));
    },
  }),
  route({
    id: 'content.get',
    method: 'get',
    path: '/v1/content/{id}',
    tag: 'Content',
    summary: 'One piece of content: rounds, checks, comments',
    roles: READERS_AND_PARTNER,
    subject: { kind: 'content', param: 'id' },
    answer: { status: 200, schema: contentDetail },
    handle: (call) =>
      reading(call, async (tx) => {
        const rounds = await listContentRounds(tx, call.params.id);
        const comments = rounds.flatMap(({ round, comment, decidedAt }) =>
          comment === null ? [] : [{ round, text: comment, at: decidedAt }],
        );
        const view = await findContentView(tx, call.params.id);
        return ok({ ...view, rounds, checks: rounds.at(-1)?.checks ?? [], comments });
      }),
  }),
];
