import { DomainError } from '../../domain/errors.ts';
import { fitScore } from '../../domain/partner/fit-score.ts';
import type { BriefWeights } from '../../domain/brief/brief.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { listBriefs } from '../../db/queries/brief-draft.ts';
import { recordEvent } from '../../db/queries/event.ts';
import type { EventKind } from '../../domain/event/catalogue.ts';
import { insertProspect, linkProspect, listProspects } from '../../db/queries/prospect.ts';
import type { Prospect } from '../../db/queries/prospect.ts';
import type { Tx } from '../../db/transaction.ts';
import { createPartner } from '../../workflows/messages.ts';
import { caller, reading, writing } from '../caller.ts';
import { command } from '../command.ts';
import { pageOf } from '../contracts/answer.ts';
import { newProspect, prospect, prospectQuery } from '../contracts/listening.ts';
import { noBody } from '../contracts/program.ts';
import { afterCursor, toPage } from '../page.ts';
import { actorOf } from '../principal.ts';
import { MANAGERS, READERS } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';
import { assertNew } from './partners.ts';

export const PROSPECT_ROUTES = [
  route({
    id: 'prospects.list',
    method: 'get',
    path: '/v1/prospects',
    tag: 'Listening',
    summary: 'Who could become a partner, with how well they fit the active brief',
    roles: READERS,
    query: prospectQuery,
    answer: { status: 200, schema: pageOf(prospect) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, ...filter } = call.query;
        const rows = await listProspects(tx, { ...filter, afterId: afterCursor({ limit, cursor }), limit: limit + 1 });
        const weights = await activeWeights(tx);
        return ok(
          toPage(
            rows,
            limit,
            ({ id }) => id,
            (row) => showProspect(row, weights),
          ),
        );
      }),
  }),
  route({
    id: 'prospects.get',
    method: 'get',
    path: '/v1/prospects/{id}',
    tag: 'Listening',
    summary: 'One prospect',
    roles: READERS,
    subject: { kind: 'prospect', param: 'id' },
    answer: { status: 200, schema: prospect },
    handle: (call) => reading(call, async (tx) => ok(await readProspect(tx, call.params.id))),
  }),
  route({
    id: 'prospects.create',
    method: 'post',
    path: '/v1/prospects',
    tag: 'Listening',
    summary: 'Adds a prospect',
    roles: MANAGERS,
    body: newProspect,
    answer: { status: 201, schema: prospect },
    handle: (call) =>
      writing(call, async (tx) => {
        const id = idFromSuffix('prospect', call.seed);
        const { email = null, channels = [], verticals = [], ...rest } = call.body;
        await insertProspect(tx, { ...rest, id, email, channels, verticals });
        await note(call, tx, 'prospect.added', id);
        return created(await readProspect(tx, id));
      }),
  }),
  route({
    id: 'prospects.invite',
    method: 'post',
    path: '/v1/prospects/{id}/invite',
    tag: 'Listening',
    summary: 'Invites a prospect: its journey as a partner begins',
    roles: MANAGERS,
    subject: { kind: 'prospect', param: 'id' },
    body: noBody,
    answer: { status: 200, schema: prospect },
    handle: async (call) => {
      const { id } = call.params;
      const { programId } = caller(call);
      const partnerId = idFromSuffix('partner', call.seed);
      const { name, email, type, country, channels, verticals } = await reading(call, (tx) =>
        assertInvitable(tx, id, partnerId),
      );
      const data = { name, email, type, country, channels, verticals, source: 'prospect' };
      await command(call, {
        update: createPartner,
        workflowId: `partner/${partnerId}`,
        payload: { entry: 'team' },
        input: { kind: 'partner.create', subjectId: partnerId, data },
        start: { type: 'partnerLifecycle', queue: 'journeys', args: { programId, partnerId } },
      });
      return writing(call, async (tx) => {
        await linkProspect(tx, id, partnerId);
        await note(call, tx, 'prospect.invited', id);
        return ok(await readProspect(tx, id));
      });
    },
  }),
];

async function assertInvitable(tx: Tx, id: string, partnerId: string): Promise<Prospect & { email: string }> {
  const found = (await listProspects(tx, { id, limit: 1 }))[0]!;
  if (found.partnerId !== null && found.partnerId !== partnerId) {
    throw new DomainError('duplicate', 'This prospect was invited before.', { existingId: found.partnerId });
  }
  if (found.email === null) throw new DomainError('conflict', 'This prospect has no e-mail address to be invited by.');
  await assertNew(tx, partnerId, { email: found.email });
  return { ...found, email: found.email };
}

async function readProspect(tx: Tx, id: string) {
  return showProspect((await listProspects(tx, { id, limit: 1 }))[0]!, await activeWeights(tx));
}

async function activeWeights(tx: Tx): Promise<BriefWeights | undefined> {
  return (await listBriefs(tx, { state: 'active', limit: 1 }))[0]?.weights;
}

function showProspect(row: Prospect, weights: BriefWeights | undefined) {
  const { type, channels, verticals, market } = row;
  return { ...row, fitScore: weights ? fitScore({ type, channels, verticals, market }, weights).score : null };
}

async function note(call: Call<unknown, unknown, unknown>, tx: Tx, kind: EventKind, id: string): Promise<void> {
  const actor = actorOf(caller(call));
  await recordEvent(tx, { kind, actor, subject: { type: 'prospect', id }, at: new Date().toISOString() });
}
