import { DomainError } from '../../domain/errors.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { insertCoupon, listCoupons } from '../../db/queries/coupon.ts';
import { findLinkByCode, getLink, insertLink, isKnownHost, listLinks } from '../../db/queries/link.ts';
import type { Link } from '../../db/queries/link.ts';
import { findSubject } from '../../db/queries/subject.ts';
import type { Tx } from '../../db/transaction.ts';
import { ownPartner, partnerFilter, reading, writing } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { coupon, link, newCoupon, newLink, trackingQuery } from '../contracts/tracking.ts';
import { listById } from '../list.ts';
import { EVERYBODY, MANAGERS, CONNECTORS } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const LINK_ROUTES = [
  route({
    id: 'links.create',
    method: 'post',
    path: '/v1/links',
    tag: 'Tracking',
    summary: 'Makes a tracking link of a partner',
    roles: [...CONNECTORS, 'partner'],
    body: newLink,
    answer: { status: 201, schema: link },
    handle: (call) =>
      writing(call, async (tx) => {
        await assertOwners(tx, call);
        assertOwnChannel(call);
        await assertOwnHost(tx, call);
        const id = idFromSuffix('link', call.seed);
        const before = await findSubject(tx, 'link', id);
        if (before) return created(show(call, await getLink(tx, id)));
        return created(show(call, await insertLink(tx, { ...call.body, id })));
      }),
  }),
  route({
    id: 'links.list',
    method: 'get',
    path: '/v1/links',
    tag: 'Tracking',
    summary: 'Tracking links',
    roles: EVERYBODY,
    query: trackingQuery,
    answer: { status: 200, schema: pageOf(link) },
    handle: (call) => {
      const { partnerId } = call.query;
      return listById(
        call,
        (tx, page) => listLinks(tx, { partnerId: partnerFilter(call, partnerId), ...page }),
        (row) => show(call, row),
      );
    },
  }),
  route({
    id: 'links.get',
    method: 'get',
    path: '/v1/links/{id}',
    tag: 'Tracking',
    summary: 'One tracking link',
    roles: EVERYBODY,
    subject: { kind: 'link', param: 'id' },
    answer: { status: 200, schema: link },
    handle: (call) => reading(call, async (tx) => ok(show(call, await getLink(tx, call.params.id)))),
  }),
  route({
    id: 'coupons.create',
    method: 'post',
    path: '/v1/coupons',
    tag: 'Tracking',
    summary: 'Gives a partner a coupon code',
    roles: MANAGERS,
    body: newCoupon,
    answer: { status: 201, schema: coupon },
    handle: (call) =>
      writing(call, async (tx) => {
        await assertOwners(tx, call);
        return created(await insertCoupon(tx, { ...call.body, id: idFromSuffix('coupon', call.seed) }));
      }),
  }),
  route({
    id: 'coupons.list',
    method: 'get',
    path: '/v1/coupons',
    tag: 'Tracking',
    summary: 'Coupon codes',
    roles: EVERYBODY,
    query: trackingQuery,
    answer: { status: 200, schema: pageOf(coupon) },
    handle: (call) => {
      const { partnerId } = call.query;
      return listById(call, (tx, page) => listCoupons(tx, { partnerId: partnerFilter(call, partnerId), ...page }));
    },
  }),
];

function show(call: Call<unknown, unknown, unknown>, row: Link) {
  return { ...row, url: `${call.deps.publicUrl}/r/${row.code}` };
}

/** Rules and contracts pay by channel, so that no partner names the one in which its own clicks count. */
function assertOwnChannel(call: Call<unknown, unknown, { channel?: string }>): void {
  if (ownPartner(call) === undefined || call.body.channel === undefined) return;
  throw refusedFields([
    {
      path: 'channel',
      message: 'Leave it out: your clicks count in the channel of your type. Ask the team for another.',
    },
  ]);
}

/** Mails and chats trust the tracking domain, so that no partner sends its visitors where the team sends nobody. */
async function assertOwnHost(tx: Tx, call: Call<unknown, unknown, { destination: string }>): Promise<void> {
  if (ownPartner(call) === undefined) return;
  const { host } = new URL(call.body.destination);
  if (await isKnownHost(tx, host)) return;
  const message = `No site or link of the programme leads to ${host}. Give an address of its shop, or ask the team for the first link there.`;
  throw refusedFields([{ path: 'destination', message }]);
}

/** Partner and content must exist and belong together; for a partner another partner does not exist. */
async function assertOwners(
  tx: Tx,
  call: Call<unknown, unknown, { partnerId: string; contentId?: string; code?: string }>,
): Promise<void> {
  const { partnerId, contentId, code } = call.body;
  const own = ownPartner(call);
  if ((own !== undefined && own !== partnerId) || !(await findSubject(tx, 'partner', partnerId))) {
    throw refusedFields([{ path: 'partnerId', message: `There is no partner ${partnerId}.` }]);
  }
  if (contentId !== undefined && (await findSubject(tx, 'content', contentId))?.partnerId !== partnerId) {
    throw refusedFields([{ path: 'contentId', message: 'This partner has no such content.' }]);
  }
  if (code !== undefined && (await findLinkByCode(tx, code))) {
    throw new DomainError('duplicate', `The code "${code}" is taken. Choose another, or leave it out.`, {
      errors: [{ path: 'code', message: 'Choose another code.' }],
    });
  }
}
