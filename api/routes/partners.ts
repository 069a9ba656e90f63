import { DomainError } from '../../domain/errors.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { sumWaitingForEnd } from '../../db/queries/former-currency.ts';
import {
  findPartnerView,
  findSamePartner,
  listPartnerViews,
  readBalance,
  readCurrentContract,
  readNextPayoutAt,
  readWaitingFor,
} from '../../db/queries/partner-read.ts';
import type { Tx } from '../../db/transaction.ts';
import { createPartner } from '../../workflows/messages.ts';
import { caller, ownPartner, reading } from '../caller.ts';
import { command } from '../command.ts';
import { pageOf } from '../contracts/answer.ts';
import { newPartner, partner, partnerDetail, partnerQuery } from '../contracts/partner.ts';
import { listById } from '../list.ts';
import { MANAGERS, READERS_AND_PARTNER } from '../roles.ts';
import { created, ok, route } from '../route.ts';

export const PARTNER_ROUTES = [
  route({
    id: 'partners.create',
    method: 'post',
    path: '/v1/partners',
    tag: 'Partners',
    summary: 'Invites a partner and starts its journey',
    roles: MANAGERS,
    body: newPartner,
    answer: { status: 201, schema: partner },
    handle: async (call) => {
      const { programId } = caller(call);
      const partnerId = idFromSuffix('partner', call.seed);
      await command(call, {
        check: (tx) => assertNew(tx, partnerId, call.body),
        update: createPartner,
        workflowId: `partner/${partnerId}`,
        payload: { entry: 'team' },
        input: { kind: 'partner.create', subjectId: partnerId, data: call.body },
        start: { type: 'partnerLifecycle', queue: 'journeys', args: { programId, partnerId } },
      });
      return created(await reading(call, (tx) => findPartnerView(tx, partnerId)));
    },
  }),
  route({
    id: 'partners.list',
    method: 'get',
    path: '/v1/partners',
    tag: 'Partners',
    summary: 'Partners by status, type, country, market, tier or a part of the name',
    roles: READERS_AND_PARTNER,
    query: partnerQuery,
    answer: { status: 200, schema: pageOf(partner) },
    handle: (call) =>
      listById(call, (tx, page) => listPartnerViews(tx, { ...call.query, id: ownPartner(call), ...page })),
  }),
  route({
    id: 'partners.get',
    method: 'get',
    path: '/v1/partners/{id}',
    tag: 'Partners',
    summary: 'One partner: stage, whose turn it is, contract, balance',
    roles: READERS_AND_PARTNER,
    subject: { kind: 'partner', param: 'id' },
    answer: { status: 200, schema: partnerDetail },
    handle: (call) => reading(call, async (tx) => ok(await showPartner(tx, call.params.id))),
  }),
];

/** A partner with whose turn it is, its contract and its money. */
export async function showPartner(tx: Tx, id: string) {
  const view = (await findPartnerView(tx, id))!;
  return {
    ...view,
    waitingFor: await readWaitingFor(tx, id),
    contract: await readCurrentContract(tx, id),
    balance: await readBalance(tx, id, view.currency),
    waitingForEnd: (await sumWaitingForEnd(tx, id)).map(({ minor, currency }) => ({ minor, currency })),
    nextPayoutAt: await readNextPayoutAt(tx, id),
  };
}

/** @throws DomainError `duplicate` with `existingId`; the partner that an earlier attempt of this request made is none */
export async function assertNew(
  tx: Tx,
  partnerId: string,
  { externalId, email }: { externalId?: string; email: string },
): Promise<void> {
  const same = await findSamePartner(tx, { externalId, email });
  if (!same || same.id === partnerId) return;
  const what = same.by === 'externalId' ? 'external id' : 'e-mail address';
  throw new DomainError('duplicate', `There is a partner with this ${what} already.`, {
    existingId: same.id,
    errors: [{ path: same.by, message: `Another partner has this ${what}.` }],
  });
}
