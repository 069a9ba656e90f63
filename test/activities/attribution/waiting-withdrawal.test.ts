import { beforeEach, describe, expect, it } from '@jest/globals';
import { newClickId } from '../../../api/redirect/click-id.ts';
import { auditProgram } from '../../../audit/run.ts';
import { newId } from '../../../db/ids.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { recordRedirects } from '../../../db/intake/redirect.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { withdrawConsent } from '../../../db/intake/withdrawal.ts';
import { sealEvents } from '../../../db/queries/event-chain.ts';
import { insertLink } from '../../../db/queries/link.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction, repeatedTransactions } from '../../../db/transaction.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { sale, touch } from '../../db/intake/intake-ground.ts';
import { World } from './world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const AT = '2026-03-01T00:00:00Z';
let programId: string;
beforeEach(async () => {
  ({ programId } = await aProgram(pool));
  const { partnerId } = await aPartner(pool, programId);
  await inTransaction(pool, programId, (tx) =>
    insertLink(tx, { partnerId, destination: 'https://example.com', code: programId }),
  );
});

const rows = <Row extends object>(sql: string, values: unknown[] = []) =>
  inTransaction(pool, programId, async (tx) => (await tx.query<Row>(sql, values)).rows);

interface Followed {
  clickId: string;
  visitorId: string;
  at?: string;
}
const store = (...clicks: Followed[]) =>
  recordRedirects(
    pool,
    programId,
    clicks.map((click) => {
      const rest = { touchpointId: newId('touchpoint'), code: programId, consent: true, bot: false };
      return { at: AT, ...rest, ...click };
    }),
  );
const sell = (externalId: string, customerId: string, clickId: string) =>
  intakeConversions(pool, programId, [sale({ externalId, identity: { customerId }, clickId })]);
const withdraw = (identity: object) =>
  inTransaction(pool, programId, (tx) => withdrawConsent(tx, identity, { id: 'per_x', actor: SYSTEM }));
const state = (...items: object[]) => intakeIdentities(pool, programId, items);
/** A touchpoint from the snippet. */
const see = (visitorId: string, id: string) =>
  intakeTouchpoints(pool, programId, [touch({ id, identity: { visitorId } })]);

/** Whose touchpoint each is: a name, or null where it leads to nobody. */
async function touchpoints(): Promise<Record<string, string | null>> {
  const found = await rows<{ id: string; value: string; withdrawn: boolean }>(
    `select case when l.id is null then t.id else coalesce(c.id, t.id) end as id, i.value,
       exists (select from consent_withdrawal w where w.identity_id = i.id) as withdrawn
     from touchpoint t
     join identity i on i.id = t.identity_id
     left join link l on l.id = t.link_id
     left join click c on c.touchpoint_id = t.id`,
  );
  for (const { value, withdrawn } of found) expect(value.startsWith('withdrawn:')).toBe(withdrawn);
  return Object.fromEntries(found.map(({ id, value, withdrawn }) => [id, withdrawn ? null : value]));
}
const named = async () =>
  (await rows<{ value: string }>(`select value from identity where value not like 'withdrawn:%' order by value`)).map(
    ({ value }) => value,
  );

async function faults(): Promise<string[]> {
  await new World(pool, programId).drain();
  await sealEvents(pool, programId);
  const results = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  return results.filter(({ result }) => result === 'fault').map(({ name }) => name);
}

type Event = () => Promise<unknown>;
const CLICK = newClickId();

/** What happened, without the click, and whose each touchpoint is in the end; null: nobody's. */
const STORIES: [string, { events: Event[]; owners: Record<string, string | null>; names: string[] }][] = [
  [
    'the click alone, of a visitor who is not known',
    {
      events: [() => sell('o1', 'cust', CLICK), () => withdraw({ customerId: 'cust' })],
      owners: { [CLICK]: null },
      names: [],
    },
  ],
  [
    'everything of a visitor who was known before',
    {
      events: [() => see('vis', 'before'), () => sell('o1', 'cust', CLICK), () => withdraw({ customerId: 'cust' })],
      owners: { [CLICK]: null, before: null },
      names: [],
    },
  ],
  [
    'not what the visitor agreed to afterwards',
    {
      events: [() => sell('o1', 'cust', CLICK), () => withdraw({ customerId: 'cust' }), () => see('vis', 'after')],
      owners: { [CLICK]: null, after: 'vis' },
      names: ['vis'],
    },
  ],
  [
    'whoever else named the click by then, and nobody who named it later',
    {
      events: [
        () => sell('o1', 'cust', CLICK),
        () => see('vis', 'before'),
        () => state({ customerId: 'other', clickId: CLICK, occurredAt: AT }),
        () => withdraw({ customerId: 'cust' }),
        () => sell('o3', 'later', CLICK),
      ],
      owners: { [CLICK]: null, before: null },
      names: ['later'],
    },
  ],
];

describe.each(STORIES)('a consent that was taken back reaches %s', (_, { events, owners, names }) => {
  it.each(['first', 'last'])('when the click is stored %s', async (place) => {
    const click = () => store({ clickId: CLICK, visitorId: 'vis' });
    for (const happen of place === 'first' ? [click, ...events] : [...events, click]) await happen();
    expect(await touchpoints()).toEqual(owners);
    expect(await named()).toEqual(names);
    expect(await rows('select from waiting_click')).toEqual([]);
    expect(await faults()).toEqual([]);
  });
});

it('goes from click to click of what is stored at once, asked for by whoever asked first', async () => {
  const [first, second] = [newClickId(), newClickId()];
  await see('v1', 'seen-1');
  await see('v2', 'seen-2');
  await sell('o1', 'cust', first);
  await state(
    { customerId: 'cust-2', clickId: first, occurredAt: AT },
    { customerId: 'cust-2', clickId: second, occurredAt: AT },
  );
  await withdraw({ customerId: 'cust' });
  await store({ clickId: second, visitorId: 'v2' }, { clickId: first, visitorId: 'v1' });
  expect(await touchpoints()).toEqual({ [first]: null, [second]: null, 'seen-1': null, 'seen-2': null });
  expect(await named()).toEqual([]);
  expect(await rows('select distinct requested_by as by from consent_withdrawal')).toEqual([{ by: 'per_x' }]);
  expect(await rows(`select from event where kind = 'consent.withdrawn' and data->>'identities' = '1'`)).toHaveLength(
    4,
  );
  expect(await faults()).toEqual([]);
});

it('counts a click as older than the withdrawal that its name is older than, whatever the clock of its process said', async () => {
  const ahead = newClickId();
  await sell('o1', 'cust', ahead);
  await withdraw({ customerId: 'cust' });
  await store({ clickId: ahead, visitorId: 'vis', at: '2100-01-01T00:00:00Z' });
  expect(await touchpoints()).toEqual({ [ahead]: null });
});

it('credits the conversions anew that the visitor made before', async () => {
  await intakeConversions(pool, programId, [sale({ externalId: 'o0', identity: { visitorId: 'vis' } })]);
  const late = newClickId();
  await sell('o1', 'cust', late);
  await withdraw({ customerId: 'cust' });
  await rows('delete from intake_work');
  await store({ clickId: late, visitorId: 'vis' });
  expect(
    await rows(
      `select c.external_id as sale from intake_work w join conversion c on c.identity_id = w.identity_id where w.kind = 'merge'`,
    ),
  ).toEqual([{ sale: 'o0' }]);
});

it('reaches every click that is stored at the same time, without a deadlock', async () => {
  const before = repeatedTransactions.get('40P01') ?? 0;
  const people = Array.from({ length: 40 }, (_, n) => ({ n, clickId: newClickId() }));
  for (const { n, clickId } of people) await sell(`o${n}`, `c${n}`, clickId);
  for (const { n } of people.filter(({ n }) => n % 2 === 0)) await see(`v${n}`, `seen-${n}`);
  await Promise.all(
    people.flatMap(({ n, clickId }) => [store({ clickId, visitorId: `v${n}` }), withdraw({ customerId: `c${n}` })]),
  );
  const owners = Object.values(await touchpoints());
  expect(owners).toEqual(Array.from({ length: 60 }, () => null));
  expect(await named()).toEqual([]);
  expect((repeatedTransactions.get('40P01') ?? 0) - before).toBe(0);
  expect(await faults()).toEqual([]);
});
