import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { insertCoupon } from '../../../db/queries/coupon.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aPartner } from '../../support/ground.ts';
import { IntakeGround, sale, touch } from './intake-ground.ts';

let ground: IntakeGround;
let partnerId: string;
beforeAll(async () => {
  ground = await IntakeGround.open();
  ({ partnerId } = await aPartner(ground.pool, ground.programId));
});
afterAll(() => ground.close());

it.each([
  ['İNDİRİM10', ['İNDİRİM10', 'İndİrİm10']],
  ['ΣΑΣ', ['ΣΑΣ', 'σασ']],
  ['STRASSE-ẞ', ['STRASSE-ẞ']],
  ['Sommer', ['sommer', 'SOMMER', 'Sommer']],
])('the coupon %s is found by itself, in capitals and small letters', async (code, spellings) => {
  await inTransaction(ground.pool, ground.programId, (tx) => insertCoupon(tx, { partnerId, code }));
  const sales = spellings.map((couponCode, no) => sale({ externalId: `${code}-${no}`, couponCode }));
  const touches = spellings.map((couponCode) => touch({ channel: undefined, kind: 'code', couponCode }));
  const results = [
    ...(await intakeConversions(ground.pool, ground.programId, sales)),
    ...(await intakeTouchpoints(ground.pool, ground.programId, touches)),
  ];
  expect(results.map(({ status, code: why }) => why ?? status)).toEqual(results.map(() => 'accepted'));
});
