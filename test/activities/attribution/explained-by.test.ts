import { beforeAll, describe, expect, it } from '@jest/globals';
import { explainConversion, explainConversions } from '../../../db/attribution/explanation.ts';
import { explainStudied } from '../../../db/attribution/study-explanation.ts';
import type { Pool } from '../../../db/pool.ts';
import { getStudy } from '../../../db/queries/study.ts';
import { aContractFact, aPartner, aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { StudyWorld } from './study-world.ts';

const MULTIPLIED = {
  ...LINEAR,
  multipliers: [
    { channel: 'video', factor: 1.5 },
    { partnerType: 'creator', factor: 1.2 },
  ],
};

const VIDEO = { index: 0, factor: 1.5, text: 'touchpoints through the channel video count 1.5 times' };
const CREATORS = { index: 1, factor: 1.2, text: 'touchpoints of partners of the type creator count 1.2 times' };

let pool: Pool;
let world: StudyWorld;
let partnerId: string;
let contractId: string;
let earlyId: string;
let lateId: string;

useTestPool((opened) => (pool = opened));

beforeAll(async () => {
  const { programId } = await aProgram(pool, { policy: MULTIPLIED });
  world = new StudyWorld(pool, programId);
  ({ partnerId, contractId } = await aPartner(pool, programId));
  await world.rows(
    `insert into contract_version (program_id, contract_id, version, terms, hash, body, effective_from, offered_at, offered_by)
     select program_id, contract_id, 2, terms, hash || '2', body, '2026-03-05T00:00:00Z', offered_at, offered_by
     from contract_version where contract_id = $1`,
    [contractId],
  );
  const amended = { partnerId, contractId, kind: 'in-force' as const, version: 2, at: '2026-03-05T00:00:00Z' };
  await aContractFact(pool, programId, amended);
  await world.touch(
    { id: 't1', partnerId, channel: 'video', occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't2', channel: 'video', occurredAt: '2026-03-02T00:00:00Z' },
    { id: 't3', channel: 'tv', occurredAt: '2026-03-20T00:00:00Z' },
  );
  earlyId = await world.sale('early', 1_000, '2026-03-04T00:00:00Z');
  lateId = await world.sale('late', 1_000, '2026-03-10T00:00:00Z');
  await world.drain();
});

describe('an explanation', () => {
  it('says of each touchpoint by which multipliers and which version of the contract it counts', async () => {
    const { touchpoints } = (await world.tx((tx) => explainConversion(tx, lateId)))!;
    expect(touchpoints).toMatchObject([
      {
        id: 't1',
        partnerId,
        contractId,
        contractVersion: 2,
        factor: expect.closeTo(1.8, 12),
        multipliers: [VIDEO, CREATORS],
      },
      { id: 't2', partnerId: null, factor: 1.5, multipliers: [VIDEO] },
      { id: 't3', factor: 1, multipliers: [], reason: 'later-than-conversion' },
    ]);
    expect(touchpoints[1]).not.toHaveProperty('contractVersion');
    expect(touchpoints[0]!.weight / touchpoints[1]!.weight).toBeCloseTo(1.2, 9);
  });

  it('says the same of a journey that is too long to be held', async () => {
    const long = { longMs: Infinity, listed: 10, withLateEvidence: false, mostTouchpoints: 1 };
    const { touchpoints } = (await world.tx((tx) => explainConversions(tx, [lateId], long))).get(lateId)!;
    expect(touchpoints.filter(({ weight }) => weight > 0)).toMatchObject([
      { id: 't1', contractId, contractVersion: 2, factor: expect.closeTo(1.8, 12), multipliers: [VIDEO, CREATORS] },
      { id: 't2', factor: 1.5, multipliers: [VIDEO] },
    ]);
  });

  it('says by which version a partner has its credit: the one in force when the conversion happened', async () => {
    const versionOf = async (id: string) =>
      (await world.tx((tx) => explainConversion(tx, id)))!.contracts.get(partnerId)!.contractVersion;
    expect([await versionOf(earlyId), await versionOf(lateId)]).toEqual([1, 2]);
  });

  it('says the same on both sides of a study', async () => {
    await world.rows('update partner set name = $2 where id = $1', [partnerId, 'Anna Films']);
    const multipliers = [
      { channel: 'tv', factor: 3 },
      { partnerId, factor: 0.5 },
    ];
    const { id } = await world.studied({ ...MULTIPLIED, name: 'Other', multipliers });
    const study = await world.tx((tx) => getStudy(tx, id));
    const sides = (await world.tx((tx) => explainStudied(tx, study, [lateId]))).get(lateId)!;
    expect(sides.before.touchpoints[0]).toMatchObject({
      contractVersion: 2,
      factor: expect.closeTo(1.8, 12),
      multipliers: [VIDEO, CREATORS],
    });
    expect(sides.after.touchpoints).toMatchObject([
      {
        contractVersion: 2,
        factor: 0.5,
        multipliers: [
          { index: 1, factor: 0.5, text: `touchpoints of the partner Anna Films (${partnerId}) count 0.5 times` },
        ],
      },
      { factor: 1, multipliers: [] },
      { factor: 1, multipliers: [] },
    ]);
    for (const { credits } of [sides.before, sides.after])
      expect(credits.find(({ beneficiary }) => beneficiary.id === partnerId)).toMatchObject({
        contractId,
        contractVersion: 2,
      });
  });
});
