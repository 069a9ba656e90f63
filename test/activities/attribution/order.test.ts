import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { auditProgram } from '../../../audit/run.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { intakeRefunds } from '../../../db/intake/refunds.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import type { Pool } from '../../../db/pool.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;

useTestPool((opened) => (pool = opened));

interface Fact {
  send: (world: World, partners: string[]) => Promise<unknown>;
}

const at = (hour: number) => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
const person = (no: number) => (no % 2 === 0 ? { visitorId: `v${no}` } : { customerId: `c${no}` });

const touch = fc
  .record({ no: fc.nat(999), who: fc.nat(3), hour: fc.nat(200), partner: fc.nat(2) })
  .map(({ no, who, hour, partner }): Fact => ({
    send: ({ programId }, partners) =>
      intakeTouchpoints(pool, programId, [
        {
          id: `t${no}-${who}-${hour}-${partner}`,
          identity: person(who),
          kind: 'view',
          partnerId: partners[partner],
          occurredAt: at(hour),
        },
      ]),
  }));
const sale = fc
  .record({ no: fc.nat(5), who: fc.nat(3), hour: fc.nat(200), minor: fc.nat(10_000) })
  .map(({ no, who, hour, minor }): Fact => ({
    send: ({ programId }) =>
      intakeConversions(pool, programId, [
        {
          externalId: `s${no}-${who}-${hour}-${minor}`,
          identity: person(who),
          type: 'purchase',
          value: { minor, currency: 'EUR' },
          occurredAt: at(hour),
        },
      ]),
  }));
/** A sale and a part of it given back, which may come before it; together never more than it was worth. */
const returned = fc
  .record({ no: fc.nat(999), who: fc.nat(3), hour: fc.nat(200), minor: fc.nat(500) })
  .map(({ no, who, hour, minor }): Fact[] => {
    const externalId = `r${no}-${who}-${hour}-${minor}`;
    const value = (amount: number) => ({ minor: amount, currency: 'EUR' });
    const item = { externalId, identity: person(who), type: 'purchase', value: value(1_000), occurredAt: at(hour) };
    const back = {
      externalId,
      conversionExternalId: externalId,
      value: value(minor),
      occurredAt: at(hour),
      reason: 'x',
    };
    return [
      { send: ({ programId }) => intakeConversions(pool, programId, [item]) },
      { send: ({ programId }) => intakeRefunds(pool, programId, [back]) },
    ];
  });
const merge = fc.record({ a: fc.constantFrom(0, 2), b: fc.constantFrom(1, 3) }).map(({ a, b }): Fact => ({
  send: ({ programId }) => intakeIdentities(pool, programId, [{ ...person(a), ...person(b), occurredAt: at(0) }]),
}));
const SEED = Number(process.hrtime.bigint() % 1_000_000n);

it(`gives the same credit whatever the order of events, however often they are sent, and whenever the feed runs (seed ${SEED})`, async () => {
  const facts = fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: touch },
        { weight: 2, arbitrary: sale },
        { weight: 2, arbitrary: returned },
        { weight: 1, arbitrary: merge },
      ),
      { minLength: 3, maxLength: 14 },
    )
    .map((list): Fact[] => list.flat());
  await fc.assert(
    fc.asyncProperty(facts, fc.infiniteStream(fc.nat(1_000)), async (story, chance) => {
      const dice = () => chance.next().value as number;
      const shuffled = [...story, ...story.slice(0, 3)]
        .map((fact) => ({ fact, key: dice() }))
        .sort((a, b) => a.key - b.key);
      const credited = [];
      for (const order of [story, shuffled.map(({ fact }) => fact)]) {
        const { programId } = await aProgram(pool);
        const world = new World(pool, programId);
        const partners = [];
        for (let no = 0; no < 3; no += 1) partners.push((await aPartner(pool, programId)).partnerId);
        for (const { send } of order) {
          await send(world, partners);
          if (dice() < 150) await world.drain();
        }
        await world.drain();
        credited.push(await creditsOf(world, partners));
        const findings = await auditProgram({ pool, client: null, providerUrl: null }, programId);
        expect(findings.filter(({ result }) => result === 'fault')).toEqual([]);
      }
      expect(credited[1]).toEqual(credited[0]);
    }),
    { numRuns: 8, seed: SEED },
  );
}, 120_000);

/** Credits by the sale's external id and the number of the partner. */
async function creditsOf(world: World, partners: string[]): Promise<unknown[]> {
  const rows = await world.rows<{ sale: string; who: string; minor: number }>(
    `select c.external_id as sale, k.beneficiary_id as who, k.value_minor as minor
     from conversion c join conversion_state s on s.conversion_id = c.id join credit k on k.conversion_id = c.id and k.generation = s.generation
     order by 1, 3, 2`,
  );
  return rows.map(({ sale: id, who, minor }) => [id, partners.indexOf(who), minor]).sort();
}
