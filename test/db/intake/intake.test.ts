import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeRefunds } from '../../../db/intake/refunds.ts';
import { recordRedirects } from '../../../db/intake/redirect.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { newId } from '../../../db/ids.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertCoupon } from '../../../db/queries/coupon.ts';
import { insertLink } from '../../../db/queries/link.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aPartner } from '../../support/ground.ts';
import { IntakeGround, sale, touch } from './intake-ground.ts';

let ground: IntakeGround;
let pool: Pool;
let programId: string;
let partnerId: string;

beforeAll(async () => {
  ground = await IntakeGround.open();
  ({ pool, programId } = ground);
  ({ partnerId } = await aPartner(pool, programId));
});
afterAll(() => ground?.close());

const one = async <T>(results: Promise<T[]>) => (await results)[0]!;
const count = (table: string, where?: string) => ground.count(table, where);

describe('touchpoints', () => {
  it('stores one once, says duplicate the second time, and id-reused for other content', async () => {
    const item = touch({ id: 'a1' });
    expect(await one(intakeTouchpoints(pool, programId, [item]))).toEqual({ index: 0, id: 'a1', status: 'accepted' });
    expect(await one(intakeTouchpoints(pool, programId, [item]))).toMatchObject({ status: 'duplicate' });
    expect(
      await one(intakeTouchpoints(pool, programId, [{ ...item, occurredAt: '2025-03-01T10:00:00Z' }])),
    ).toMatchObject({ status: 'rejected', code: 'id-reused' });
    expect(await count('touchpoint', `id = 'a1'`)).toBe(1);
  });

  it('makes the id from the content, so that the same instant in another offset is the same touchpoint', async () => {
    const first = await one(intakeTouchpoints(pool, programId, [touch({ subId: 's' })]));
    const again = await one(
      intakeTouchpoints(pool, programId, [touch({ subId: 's', occurredAt: '2026-03-01T09:00:00.000Z' })]),
    );
    expect(first.id).toMatch(/^tch_/);
    expect(again).toMatchObject({ id: first.id, status: 'duplicate' });
  });

  it('refuses bad items with a code and keeps the good ones', async () => {
    const results = await intakeTouchpoints(pool, programId, [
      touch({ identity: { visitorId: 'NULL' } }),
      touch({ occurredAt: '2999-01-01T00:00:00Z' }),
      touch({ partnerId: 'prt_none' }),
      touch({ linkCode: 'none' }),
      touch({ couponCode: 'none' }),
      touch({ kind: 'wink' }),
      touch({ extra: 1 }),
      touch({ channel: 'Bad Channel' }),
      touch({ identity: {} }),
      touch({ properties: { a: '\u0000' } }),
      'text',
      touch({ subId: 'good' }),
      touch({ channel: undefined }),
    ]);
    expect(results.map(({ code, status }) => code ?? status)).toEqual([
      'placeholder-identity',
      'in-the-future',
      'unknown-partner',
      'unknown-link',
      'unknown-coupon',
      'invalid',
      'invalid',
      'invalid',
      'no-identity',
      'invalid',
      'invalid',
      'accepted',
      'invalid',
    ]);
  });

  it("takes the partner's type as channel where none is given, and drops the identity without consent", async () => {
    const results = await intakeTouchpoints(pool, programId, [
      touch({ id: 'p1', channel: undefined, partnerId, consent: { measurement: false } }),
    ]);
    expect(results[0]).toMatchObject({ status: 'accepted' });
    expect(await count('touchpoint', `id = 'p1' and channel = 'creator' and identity_id is null`)).toBe(1);
  });

  it('refuses 1,001 items as a whole', async () => {
    await expect(intakeTouchpoints(pool, programId, Array(1_001).fill(touch({})))).rejects.toMatchObject({
      code: 'too-large',
    });
  });
});

describe('conversions and refunds', () => {
  it('accepts, repeats and refuses by external id, also inside one batch', async () => {
    const results = await intakeConversions(pool, programId, [
      sale({ externalId: 'o1' }),
      sale({ externalId: 'o1' }),
      sale({ externalId: 'o1', type: 'trial' }),
      sale({ externalId: 'o2', value: { minor: -1, currency: 'EUR' } }),
      sale({ externalId: 'o3', value: { minor: 1, currency: 'XXY' } }),
      sale({ externalId: 'o4', parentExternalId: 'o5' }),
      sale({ externalId: 'o5', parentExternalId: 'o4' }),
      sale({ externalId: 'o6', identity: {} }),
      sale({ externalId: 'o7', value: { minor: 1.5, currency: 'EUR' } }),
    ]);
    expect(results.map(({ code, status }) => code ?? status)).toEqual([
      'accepted',
      'duplicate',
      'id-reused',
      'negative-value',
      'wrong-currency',
      'accepted',
      'parent-cycle',
      'no-identity',
      'invalid',
    ]);
    expect(results[1]!.id).toBe(results[0]!.id);
    expect(
      await one(intakeConversions(pool, programId, [sale({ externalId: 'o5', parentExternalId: 'o4' })])),
    ).toMatchObject({ code: 'parent-cycle' });
  });

  it("takes a refund before its sale and refuses another currency than the sale's", async () => {
    const refund = {
      externalId: 'r1',
      conversionExternalId: 'later',
      value: { minor: 5, currency: 'EUR' },
      occurredAt: '2026-03-02T00:00:00Z',
      reason: 'returned',
    };
    const results = await intakeRefunds(pool, programId, [
      refund,
      refund,
      { ...refund, externalId: 'r2', conversionExternalId: 'o1', value: { minor: 5, currency: 'USD' } },
    ]);
    expect(results.map(({ code, status }) => code ?? status)).toEqual(['accepted', 'duplicate', 'wrong-currency']);
  });

  it('merges the visitor of a known click with the customer, and credits a coupon as a touchpoint', async () => {
    await inTransaction(pool, programId, async (tx) => {
      await insertLink(tx, { partnerId, destination: 'https://example.com', code: 'go1' });
      await insertCoupon(tx, { partnerId, code: 'SAVE10' });
    });
    const clickId = 'click-one';
    const touchpointId = newId('touchpoint');
    const click = { clickId, touchpointId, code: 'go1', visitorId: 'v-click', consent: true, bot: false };
    // Twice, as after a crash between the commit and the end of the journal's segment.
    for (let time = 0; time < 2; time += 1)
      await recordRedirects(pool, programId, [{ ...click, at: '2026-03-01T00:00:00Z' }]);
    expect(await count('touchpoint', `id = '${touchpointId}' and partner_id = '${partnerId}'`)).toBe(1);
    const results = await intakeConversions(pool, programId, [
      sale({
        externalId: 'k1',
        identity: { customerId: 'c-click' },
        clickId,
        couponCode: 'save10',
        occurredAt: '2026-03-05T00:00:00Z',
      }),
      sale({ externalId: 'k2', identity: {}, clickId, occurredAt: '2026-03-05T00:00:00Z' }),
      sale({ externalId: 'k3', identity: {}, couponCode: 'SAVE10', occurredAt: '2026-03-05T00:00:00Z' }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await count('identity', `value in ('v-click', 'c-click')`)).toBe(2);
    expect(
      await inTransaction(
        pool,
        programId,
        async (tx) =>
          (await tx.query(`select distinct component_id from identity where value in ('v-click', 'c-click')`)).rows,
      ),
    ).toHaveLength(1);
    expect(await count('touchpoint', `kind = 'code' and coupon_id is not null`)).toBe(2);
  });
});
