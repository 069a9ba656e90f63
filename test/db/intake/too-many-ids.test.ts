import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { undoMerge } from '../../../db/intake/merge-undo.ts';
import { recordRedirects } from '../../../db/intake/redirect.ts';
import { newId } from '../../../db/ids.ts';
import { insertLink } from '../../../db/queries/link.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { MOST_IDS } from '../../../domain/attribution/identity.ts';
import { IntakeGround } from './intake-ground.ts';

let ground: IntakeGround;
beforeAll(async () => {
  ground = await IntakeGround.open();
});
afterAll(() => ground?.close());

const occurredAt = '2026-03-01T00:00:00Z';
let round = 0;
/** A customer with as many ids as one person may have: itself and 49 visitors. */
let full: string;
const visitor = (no: number) => `${full}-v${no}`;
const join = (no: number) => ({ visitorId: visitor(no), customerId: full, occurredAt });
beforeEach(async () => {
  full = `hub-${(round += 1)}`;
  const results = await take(...Array.from({ length: MOST_IDS - 1 }, (_, no) => join(no)));
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['accepted']));
});

it('says of the fifty-first id that it was refused and why, however often it is named', async () => {
  const refused = {
    id: null,
    status: 'rejected',
    code: 'too-many-ids',
    detail:
      'customerId: With visitorId this would be a person of more than 50 ids. Take a merge back that is wrong (GET /v1/identity-merges), then send this again.',
  };
  expect(await take(join(99), join(99), join(0))).toMatchObject([refused, refused, { status: 'duplicate' }]);
  expect(await take(join(99))).toMatchObject([refused]);
  expect(await log(99)).toEqual([{ refused: 'too-many-ids' }]);
  expect(await sizeOf(full)).toBe(50);
});

it('names which of three ids was not joined, and joins the other two', async () => {
  const [result] = await take({ visitorId: visitor(99), customerId: full, emailHash: `${full}-e`, occurredAt });
  expect(result).toMatchObject({ status: 'rejected', code: 'too-many-ids' });
  expect(result!.detail).toMatch(/^customerId: With visitorId this would /);
  expect([await sizeOf(visitor(99)), await sizeOf(`${full}-e`), await sizeOf(full)]).toEqual([2, 2, 50]);
});

it('names the click whose visitor would be too many', async () => {
  const clickId = `click-of-${full}`;
  await inTransaction(ground.pool, ground.programId, (tx) =>
    insertLink(tx, { partnerId: null, code: full, destination: 'https://shop.example/', channel: 'tv' }),
  );
  const click = { touchpointId: newId('touchpoint'), clickId, code: full, visitorId: visitor(99), consent: true };
  await recordRedirects(ground.pool, ground.programId, [{ ...click, bot: false, at: occurredAt }]);
  const [result] = await take({ customerId: full, clickId, occurredAt });
  expect(result).toMatchObject({ status: 'rejected', code: 'too-many-ids' });
  expect(result!.detail).toMatch(/^clickId: With customerId this would /);
});

it('joins the same two once an undo has made room, and keeps the refusal beside the merge', async () => {
  await take(join(98), join(99));
  await undo(0);
  expect(await sizeOf(full)).toBe(49);
  const [joined, refused, undone] = await take(join(98), join(99), join(0));
  const statuses = [joined!.status, refused!.status].toSorted();
  // One place was free: whose id comes first has it.
  expect(statuses).toEqual(['accepted', 'rejected']);
  expect(undone).toMatchObject({ status: 'duplicate' });
  const [taken, left] = joined!.status === 'accepted' ? [98, 99] : [99, 98];
  expect(await log(taken)).toEqual([{ refused: 'too-many-ids' }, { refused: null }]);
  expect(await log(left)).toEqual([{ refused: 'too-many-ids' }]);
  expect([await sizeOf(full), await sizeOf(visitor(taken)), await sizeOf(visitor(left))]).toEqual([50, 50, 1]);
  expect(await take(join(taken), join(left))).toMatchObject([{ status: 'duplicate' }, { status: 'rejected' }]);
  // Taken back like any other, and then for good.
  await undo(taken);
  expect(await sizeOf(visitor(taken))).toBe(1);
  expect(await take(join(taken), join(left))).toMatchObject([{ status: 'duplicate' }, { status: 'accepted' }]);
});

it('tells many senders at once the same, and never makes a person of more than fifty', async () => {
  await undo(0);
  const items = Array.from({ length: 8 }, (_, no) => join(200 + no));
  const answers = await Promise.all(Array.from({ length: 6 }, () => take(...items)));
  expect(await sizeOf(full)).toBe(50);
  for (const results of answers)
    expect(results.filter(({ code }) => code === 'too-many-ids')).toHaveLength(items.length - 1);
});

function take(...items: object[]) {
  return intakeIdentities(ground.pool, ground.programId, items);
}

/** The lines of the merge log about the customer and one visitor, oldest first. */
function log(no: number): Promise<{ refused: string | null }[]> {
  return ground.rows(
    `select m.refused_reason as refused from identity_merge m
     join identity a on a.id = m.a_id join identity b on b.id = m.b_id
     where $1 in (a.value, b.value) and $2 in (a.value, b.value)
     order by m.received_at`,
    [full, visitor(no)],
  );
}

async function undo(no: number): Promise<void> {
  const [merge] = await ground.rows<{ id: string }>(
    `select m.id from identity_merge m
     join identity a on a.id = m.a_id join identity b on b.id = m.b_id
     where $1 in (a.value, b.value) and $2 in (a.value, b.value) and m.refused_reason is null`,
    [full, visitor(no)],
  );
  await inTransaction(ground.pool, ground.programId, (tx) =>
    undoMerge(tx, { mergeId: merge!.id, reason: 'two persons', by: 'per_x' }),
  );
}

/** How many ids are one person with the named one. */
async function sizeOf(value: string): Promise<number> {
  return ground.count('identity', `component_id = (select component_id from identity where value = '${value}')`);
}
