import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newClickId } from '../../../api/redirect/click-id.ts';
import { newId } from '../../../db/ids.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { recordRedirects } from '../../../db/intake/redirect.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { withdrawConsent } from '../../../db/intake/withdrawal.ts';
import { listConvertedJourneys } from '../../../db/queries/journey-path.ts';
import { insertLink } from '../../../db/queries/link.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import { eventually } from '../../support/eventually.ts';
import { aPartner } from '../../support/ground.ts';
import { IntakeGround, sale, touch } from './intake-ground.ts';

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

const withdraw = (identity: object) =>
  inTransaction(pool, programId, (tx) => withdrawConsent(tx, identity, { id: 'per_x', actor: SYSTEM }));
const statuses = (results: readonly { status: string; code?: string }[]) =>
  results.map(({ status, code }) => code ?? status);
const named = (...values: string[]) =>
  ground.rows<{ value: string }>('select value from identity where value = any ($1)', [values]);

async function click(clickId: string, visitorId: string): Promise<void> {
  const own = { touchpointId: newId('touchpoint'), clickId, code: 'go', visitorId, consent: true, bot: false, at: AT };
  await recordRedirects(pool, programId, [own]);
}

describe('a delivery that is repeated after the person took the consent back', () => {
  const touches = [
    touch({ id: 't1', identity: { customerId: 'a-c' } }),
    touch({ id: 't2', identity: { visitorId: 'a-v' } }),
  ];
  const sales = [sale({ externalId: 's1', identity: { customerId: 'a-c', visitorId: 'a-v' } })];

  it('stores nothing, and brings no name back', async () => {
    await intakeTouchpoints(pool, programId, touches);
    await intakeConversions(pool, programId, sales);
    await withdraw({ customerId: 'a-c' });
    expect(statuses(await intakeTouchpoints(pool, programId, touches))).toEqual(['duplicate', 'duplicate']);
    expect(statuses(await intakeConversions(pool, programId, sales))).toEqual(['duplicate']);
    expect(await named('a-c', 'a-v')).toEqual([]);
  });

  it('brings back the names of what is stored now alone, also where an id is used again', async () => {
    const more = [
      touch({ id: 't1', channel: 'other', identity: { customerId: 'a-c' } }),
      touch({ id: 't3', identity: { visitorId: 'a-v' } }),
      touch({ id: 't3', identity: { visitorId: 'a-other' } }),
    ];
    expect(statuses(await intakeTouchpoints(pool, programId, more))).toEqual(['id-reused', 'accepted', 'id-reused']);
    const sale2 = sale({ externalId: 's2', identity: { emailHash: 'a'.repeat(64), visitorId: 'a-v' } });
    expect(statuses(await intakeConversions(pool, programId, [...sales, sale2]))).toEqual(['duplicate', 'accepted']);
    expect((await named('a-c', 'a-v', 'a-other', 'a'.repeat(64))).map(({ value }) => value).sort()).toEqual(
      ['a-v', 'a'.repeat(64)].sort(),
    );
  });

  it('does so in a file of many, too', async () => {
    const many = Array.from({ length: 150 }, (_, no) => touch({ id: `m${no}`, identity: { visitorId: `many-${no}` } }));
    await intakeTouchpoints(pool, programId, many);
    await withdraw({ visitorId: 'many-7' });
    expect(new Set(statuses(await intakeTouchpoints(pool, programId, many)))).toEqual(new Set(['duplicate']));
    expect(await named('many-6', 'many-7')).toEqual([{ value: 'many-6' }]);
  });
});

describe('two withdrawals of one person at once', () => {
  it('count the person once, and put one into the record', async () => {
    const identity = { customerId: 'b-c', visitorId: 'b-v' };
    await intakeTouchpoints(pool, programId, [touch({ id: 'b1', identity })]);
    const records = () => ground.count('event', `kind = 'consent.withdrawn'`);
    const before = await records();
    // Both have looked the names up before one of them has the person.
    const { started: both } = await inTransaction(pool, programId, async (tx) => {
      await tx.query(`select from identity where program_id = $1 and value in ('b-c', 'b-v') for update`, [programId]);
      const started = [withdraw({ customerId: 'b-c' }), withdraw({ visitorId: 'b-v' })];
      await eventually(async () => expect(await ground.count('pg_locks', 'not granted')).toBe(2));
      return { started };
    });
    const taken = await Promise.all(both);
    expect(taken.map(({ identities, touchpoints }) => [identities, touchpoints]).sort()).toEqual([
      [0, 0],
      [2, 1],
    ]);
    expect((await records()) - before).toBe(1);
  });
});

describe('what a person left behind who took the consent back', () => {
  it('is a click that names nobody for a later order', async () => {
    const clickId = newClickId();
    await click(clickId, 'c-visitor');
    await withdraw({ visitorId: 'c-visitor' });
    expect(
      statuses(await intakeConversions(pool, programId, [sale({ externalId: 'c1', identity: {}, clickId })])),
    ).toEqual(['accepted']);
    expect(
      await ground.rows(
        `select identity_id, click_touchpoint_id is not null as "hasClick" from conversion where external_id = 'c1'`,
      ),
    ).toEqual([{ identity_id: null, hasClick: true }]);
  });

  it('takes no consent back for a visitor whose click is named afterwards', async () => {
    await intakeTouchpoints(pool, programId, [touch({ id: 'd1', identity: { visitorId: 'd-visitor' } })]);
    const [{ id }] = (await ground.rows<{ id: string }>(`select id from identity where value = 'd-visitor'`)) as [
      { id: string },
    ];
    await withdraw({ visitorId: 'd-visitor' });
    // An event that had looked the id up a moment before, and writes after it.
    const [row] = await ground.rows<{ value: string }>('select value from identity where id = $1', [id]);
    const clickId = newClickId();
    await intakeIdentities(pool, programId, [{ visitorId: row!.value, clickId, occurredAt: AT }]);
    expect(await ground.count('waiting_click', `identity_id = '${id}'`)).toBe(1);
    await click(clickId, 'd-clicker');
    const clicks = await ground.rows<{ value: string }>(
      'select i.value from click c join identity i on i.id = c.identity_id where c.id = $1',
      [clickId],
    );
    expect(clicks).toEqual([{ value: 'd-clicker' }]);
  });

  it('is in no journey of a fit or a comparison', async () => {
    const on = { occurredAt: '2026-05-01T00:00:00Z' };
    await intakeTouchpoints(pool, programId, [
      touch({ id: 'e1', channel: 'tv', identity: { visitorId: 'e-1' }, ...on }),
      touch({ id: 'e2', channel: 'radio', identity: { visitorId: 'e-2' }, ...on }),
    ]);
    const sold = { occurredAt: '2026-05-02T00:00:00Z' };
    await intakeConversions(pool, programId, [
      sale({ externalId: 'e1', identity: { visitorId: 'e-1' }, ...sold }),
      sale({ externalId: 'e2', identity: { visitorId: 'e-2' }, ...sold }),
    ]);
    const range = { from: '2026-05-01T00:00:00Z', to: '2026-05-03T00:00:00Z', limit: 10 };
    const paths = async () =>
      (await inTransaction(pool, programId, (tx) => listConvertedJourneys(tx, range)))
        .map(({ path }) => path[0])
        .sort();
    expect(await paths()).toEqual(['radio', 'tv']);
    await withdraw({ visitorId: 'e-1' });
    expect(await paths()).toEqual(['radio']);
  });
});
