import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newClickId } from '../../../api/redirect/click-id.ts';
import { newId } from '../../../db/ids.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { recordRedirects } from '../../../db/intake/redirect.ts';
import { withdrawConsent } from '../../../db/intake/withdrawal.ts';
import { insertLink } from '../../../db/queries/link.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction, repeatedTransactions } from '../../../db/transaction.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import { madeUpCustomer } from '../../../domain/attribution/identity.ts';
import { aPartner } from '../../support/ground.ts';
import { IntakeGround, sale } from './intake-ground.ts';

let ground: IntakeGround;
let pool: Pool;
let programId: string;

beforeAll(async () => {
  ground = await IntakeGround.open();
  ({ pool, programId } = ground);
  const { partnerId } = await aPartner(pool, programId);
  await inTransaction(pool, programId, (tx) =>
    insertLink(tx, { partnerId, destination: 'https://example.com', code: 'go' }),
  );
});
afterAll(() => ground?.close());

const AT = '2026-03-01T00:00:00Z';

async function click(clickId: string, visitorId: string, consent = true): Promise<void> {
  const own = { touchpointId: newId('touchpoint'), clickId, code: 'go', visitorId, consent, bot: false, at: AT };
  await recordRedirects(pool, programId, [own]);
}

const sell = (...items: object[]) => intakeConversions(pool, programId, items.map(sale));
const said = (results: readonly { status: string; code?: string }[]) =>
  results.map(({ status, code }) => code ?? status);

/** How many persons these values are; values that nobody knows count none. */
async function personsOf(...values: string[]): Promise<number> {
  const rows = await ground.rows('select distinct component_id from identity where value = any ($1)', [values]);
  return rows.length;
}
const mergesOf = (value: string) =>
  ground.rows<{ cause: string; refused: string | null }>(
    `select m.cause, m.refused_reason as refused from identity_merge m join identity i on i.id in (m.a_id, m.b_id) where i.value = $1`,
    [value],
  );
const waits = () => ground.count('waiting_click');

describe('a click that is stored after the conversion that names it', () => {
  it('merges its visitor with the customer when it comes, noted as if it had been there before', async () => {
    const clickId = newClickId();
    const [stored] = await sell({ externalId: 'w1', identity: { customerId: 'w1-c' }, clickId });
    expect(stored!.status).toBe('accepted');
    expect(await waits()).toBe(1);
    await click(clickId, 'w1-v');
    expect(await personsOf('w1-c', 'w1-v')).toBe(1);
    expect(await mergesOf('w1-v')).toEqual([{ cause: `conversion/${stored!.id}`, refused: null }]);
    expect(await waits()).toBe(0);
    expect(await ground.count('intake_work', `kind = 'merge'`)).toBeGreaterThan(0);
  });

  it('is of somebody of its own where a journal holds a visitor that stands for nobody', async () => {
    const clickIds = [newClickId(), newClickId()];
    for (const clickId of clickIds) await click(clickId, 'undefined');
    const rows = await ground.rows<{ value: string }>(
      'select i.value from click c join identity i on i.id = c.identity_id where c.id = any ($1)',
      [clickIds],
    );
    expect(new Set([...rows.map(({ value }) => value), 'undefined']).size).toBe(3);
  });

  it('is the person of conversions that name nobody else, of all of them the same', async () => {
    const clickId = newClickId();
    const alone = { identity: {}, clickId };
    expect(said(await sell({ ...alone, externalId: 'w2' }, { ...alone, externalId: 'w2b' }))).toEqual([
      'accepted',
      'accepted',
    ]);
    const persons = () =>
      ground.rows(
        `select distinct i.component_id from conversion c join identity i on i.id = c.identity_id where external_id like 'w2%'`,
      );
    expect(await persons()).toHaveLength(1);
    await click(clickId, 'w2-v');
    expect(await personsOf('w2-v', madeUpCustomer('click', clickId))).toBe(1);
    expect(said(await sell({ ...alone, externalId: 'w2c' }))).toEqual(['accepted']);
    expect(await persons()).toHaveLength(1);
  });

  it('is not waited for where the id is a foreign one', async () => {
    const alone = { externalId: 'w3', identity: {}, clickId: 'EAIaIQobChMI4' };
    expect(said(await sell(alone, { ...alone, identity: { customerId: 'w3-c' } }))).toEqual([
      'no-identity',
      'accepted',
    ]);
    expect(await waits()).toBe(0);
  });

  it('merges nobody when its visitor did not agree to measurement', async () => {
    const clickId = newClickId();
    await sell({ externalId: 'w4', identity: { customerId: 'w4-c' }, clickId });
    await click(clickId, 'w4-v', false);
    expect(await mergesOf('w4-c')).toEqual([]);
    expect(await waits()).toBe(0);
  });

  it('merges nobody who took the consent back meanwhile', async () => {
    const clickId = newClickId();
    const identity = { customerId: 'w5-c' };
    await sell({ externalId: 'w5', identity, clickId });
    await inTransaction(pool, programId, (tx) => withdrawConsent(tx, identity, { id: 'per_x', actor: SYSTEM }));
    await click(clickId, 'w5-v');
    expect(await mergesOf('w5-v')).toEqual([]);
    expect(await waits()).toBe(0);
  });

  it('is refused as the fifty-first id of a person, in the log', async () => {
    const clickId = newClickId();
    const join = (n: number) => ({ visitorId: `w6-${n}`, customerId: 'w6-c', occurredAt: AT });
    await intakeIdentities(
      pool,
      programId,
      Array.from({ length: 49 }, (_, n) => join(n)),
    );
    await sell({ externalId: 'w6', identity: { customerId: 'w6-c' }, clickId });
    await click(clickId, 'w6-v');
    expect(await mergesOf('w6-v')).toMatchObject([{ refused: 'too-many-ids' }]);
    expect(await personsOf('w6-c', 'w6-v')).toBe(2);
  });
});

it('a statement of identities with a click that is stored later is accepted once, and merged when it comes', async () => {
  const clickId = newClickId();
  const item = { customerId: 'w7-c', clickId, occurredAt: AT };
  const state = (...items: object[]) => intakeIdentities(pool, programId, items);
  expect(said(await state(item, item))).toEqual(['accepted', 'duplicate']);
  expect(said(await state({ ...item, emailHash: 'e'.repeat(64) }, item))).toEqual(['accepted', 'duplicate']);
  expect(said(await state(item, { ...item, clickId: 'foreign' }))).toEqual(['duplicate', 'unknown-click']);
  await click(clickId, 'w7-v');
  expect(await personsOf('w7-c', 'w7-v', 'e'.repeat(64))).toBe(1);
  expect(said(await state(item))).toEqual(['duplicate']);
});

it('clicks and the conversions that name them are merged when both are stored at the same time, without a deadlock', async () => {
  const before = repeatedTransactions.get('40P01') ?? 0;
  const pairs = Array.from({ length: 60 }, (_, n) => ({ n, clickId: newClickId() }));
  await Promise.all(
    pairs.flatMap(({ n, clickId }) => [
      click(clickId, `both-v${n}`),
      sell({ externalId: `both-${n}`, identity: { customerId: `both-c${n}` }, clickId }),
    ]),
  );
  const apart = await Promise.all(pairs.map(({ n }) => personsOf(`both-c${n}`, `both-v${n}`)));
  expect(apart.filter((persons) => persons !== 1)).toEqual([]);
  expect(await waits()).toBe(0);
  expect((repeatedTransactions.get('40P01') ?? 0) - before).toBe(0);
});
