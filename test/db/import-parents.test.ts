import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ImportGround } from './import-ground.ts';

let ground: ImportGround;
beforeAll(async () => {
  ground = await ImportGround.open();
});
afterAll(() => ground?.close());

const HEADER = 'externalId,identity.customerId,type,value.minor,value.currency,occurredAt,parentExternalId';
const row = (id: string, parent: string) => `${id},c,sale,100,EUR,2026-01-01T00:00:00Z,${parent}`;
/** As many as one chunk has. */
const PAIRS = 5_000;
const numbers = Array.from({ length: PAIRS }, (_, n) => n);

it('chunks that are taken at the same time store no circle of parents, half of it each', async () => {
  const halves = [numbers.map((n) => row(`a${n}`, `b${n}`)), numbers.map((n) => row(`b${n}`, `a${n}`))];
  const found = await ground.bring('conversions', [HEADER, ...halves.flat()].join('\n'));
  expect(found).toMatchObject({ state: 'done', read: 2 * PAIRS, accepted: PAIRS, duplicate: 0, rejected: PAIRS });
  expect(new Set(found.errors.map(({ code }) => code))).toEqual(new Set(['parent-cycle']));
  const circles = await ground.rows(
    'select 1 from conversion c join conversion p on p.external_id = c.parent_external_id and c.external_id = p.parent_external_id limit 1',
  );
  expect(circles).toEqual([]);
}, 60_000);
