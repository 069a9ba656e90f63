import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../db/ids.ts';
import { joinIntake } from '../../db/locks.ts';
import type { Pool } from '../../db/pool.ts';
import { activatePolicyRow, insertPolicyPeriods } from '../../db/queries/policy.ts';
import { readPolicySpans } from '../../db/queries/policy-period.ts';
import { getPolicy, insertPolicyDraft } from '../../db/queries/policy-version.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { policyInForce } from '../../domain/attribution/in-force.ts';
import { aProgram, LINEAR } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';

let pool: Pool;
let programId: string;
let founding: string;

useTestPool((opened) => (pool = opened));
beforeEach(async () => {
  ({ programId, policyId: founding } = await aProgram(pool));
});

const inOwn = <Result>(work: (tx: Tx) => Promise<Result>) => inTransaction(pool, programId, work);

/** A version that was approved to begin at an instant, with its periods. @returns its id */
async function approved(effectiveFrom: string, conversionTypes: string[] = ['*']): Promise<string> {
  const id = newId('policy');
  await inOwn(async (tx) => {
    await insertPolicyDraft(tx, { id, body: { ...LINEAR, conversionTypes }, createdBy: 'per_x' });
    await tx.query(`update attribution_policy set state = 'approved', effective_from = $2 where id = $1`, [
      id,
      effectiveFrom,
    ]);
    await insertPolicyPeriods(tx, { id, conversionTypes, effectiveFrom }, await joinIntake(tx));
  });
  return id;
}

/** The version that a conversion of a type is credited by, at an instant, by what was received before the horizon. */
const inForce = (type: string, at: string, horizon = 'infinity') =>
  inOwn(async (tx) => {
    const spans = await readPolicySpans(tx, { horizon, sealedAt: horizon });
    return policyInForce(spans, type, at)?.policyId;
  });

const [MARCH, APRIL, MAY] = ['2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z', '2026-05-01T00:00:00Z'];
const justBefore = (instant: string) => new Date(Date.parse(instant) - 1).toISOString();

it('a period that holds no instant cannot be stored: it would be read as one without a beginning', async () => {
  const empty = inOwn((tx) =>
    tx.query(`update policy_period set during = tstzrange($2, $2) where policy_id = $1`, [founding, APRIL]),
  );
  await expect(empty).rejects.toMatchObject({ constraint: 'policy_period_holds_an_instant' });
});

describe('a version that is approved', () => {
  it('ends the one before at its instant, to which it belongs itself', async () => {
    const april = await approved(APRIL);
    expect(await inForce('sale', justBefore(APRIL))).toBe(founding);
    expect(await inForce('sale', APRIL)).toBe(april);
  });

  it('is not seen by whoever reads an earlier instant: the one before has not ended then', async () => {
    const before = await inOwn(joinIntake);
    const april = await approved(APRIL);
    expect(await inForce('sale', APRIL, before)).toBe(founding);
    expect(await inForce('sale', APRIL)).toBe(april);
  });

  it('for an earlier instant than one approved before holds until that begins, which is left as it is', async () => {
    const may = await approved(MAY);
    const april = await approved(APRIL);
    const course = [];
    for (const at of [justBefore(APRIL), APRIL, justBefore(MAY), MAY]) course.push(await inForce('sale', at));
    expect(course).toEqual([founding, april, april, may]);
  });

  it('for the very instant of another takes its place, and the other never comes into force', async () => {
    const may = await approved(MAY);
    const other = await approved(APRIL);
    const april = await approved(APRIL);
    const course = [];
    for (const at of [justBefore(APRIL), APRIL, justBefore(MAY), MAY]) course.push(await inForce('sale', at));
    expect(course).toEqual([founding, april, april, may]);
    expect(await inOwn((tx) => periodsOf(tx, other))).toEqual([]);
  });

  it('for one type leaves the others as they are', async () => {
    const sales = await approved(APRIL, ['sale']);
    const again = await approved(APRIL, ['sale', 'lead']);
    const all = await approved(MARCH);
    expect(await inForce('sale', APRIL)).toBe(again);
    expect(await inForce('lead', justBefore(APRIL))).toBe(all);
    expect(await inForce('renewal', MAY)).toBe(all);
    expect(await inOwn((tx) => periodsOf(tx, sales))).toEqual([]);
  });

  it.each([
    ['first', [0, 1]],
    ['last', [1, 0]],
  ])('and was replaced before it began is not active, also when it is looked at %s', async (_, order) => {
    const versions = [await approved(APRIL), await approved(APRIL)];
    for (const which of order) await inOwn((tx) => activatePolicyRow(tx, versions[which]!, APRIL));
    const states = await inOwn((tx) => Promise.all([founding, ...versions].map((id) => getPolicy(tx, id))));
    expect(states.map(({ state }) => state)).toEqual(['retired', 'retired', 'active']);
  });
});

async function periodsOf(tx: Tx, policyId: string) {
  return (await tx.query('select conversion_type, during from policy_period where policy_id = $1', [policyId])).rows;
}

describe('the database', () => {
  const period = (policyId: string, type: string, from: string, to: string | null) =>
    inOwn((tx) =>
      tx.query(
        `insert into policy_period (program_id, policy_id, conversion_type, during, received_at)
         values ($1, $2, $3, tstzrange($4, $5), now())`,
        [programId, policyId, type, from, to],
      ),
    );
  const draft = async () => {
    const id = newId('policy');
    await inOwn((tx) => insertPolicyDraft(tx, { id, body: LINEAR, createdBy: 'per_x' }));
    return id;
  };

  it('takes one version for each instant and type, and no second one that overlaps by a moment', async () => {
    const policies = [await draft(), await draft(), await draft()] as const;
    await period(policies[0], 'sale', MARCH, APRIL);
    await period(policies[1], 'sale', APRIL, null);
    await period(policies[2], 'lead', MARCH, null);
    for (const [from, to] of [
      [justBefore(APRIL), APRIL],
      [MAY, null],
      ['2020-01-01T00:00:00Z', MAY],
    ] as const)
      await expect(period(policies[2], 'sale', from, to)).rejects.toMatchObject({
        code: '23P01',
        constraint: 'one_policy_in_force_at_each_instant',
      });
  });

  it.each(['active', 'retired'])('changes neither rule nor name nor version of one that is %s', async (state) => {
    const id = await draft();
    await inOwn((tx) => tx.query('update attribution_policy set state = $2 where id = $1', [id, state]));
    for (const change of [`body = body || '{"name": "Other"}'`, `name = 'Other'`, 'version = 99'])
      await expect(
        inOwn((tx) => tx.query(`update attribution_policy set ${change} where id = $1`, [id])),
      ).rejects.toMatchObject({ code: '23001' });
  });

  it('changes the rule of a draft', async () => {
    const id = await draft();
    await inOwn((tx) => tx.query(`update attribution_policy set name = 'Other', version = 1 where id = $1`, [id]));
    expect((await inOwn((tx) => getPolicy(tx, id))).name).toBe('Other');
  });
});
