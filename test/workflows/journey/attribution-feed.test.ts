import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { workArrived } from '../../../workflows/messages.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  world = await new World(temporal, postgres).start(['journeys', 'attribution']);
});
afterAll(async () => {
  await world.stop();
  await temporal.stop();
  await postgres.stop();
});

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();

function nudge(): Promise<unknown> {
  return temporal.client.workflow.signalWithStart('attributionFeed', {
    workflowId: `attribution-feed/${world.programId}`,
    taskQueue: `${temporal.prefix}attribution`,
    args: [{ programId: world.programId }],
    signal: workArrived,
  });
}

const creditsOf = (externalId: string) =>
  world.rows<{ channel: string; minor: number }>(
    `select c.channel, c.beneficiary_id from credit c join conversion v on v.id = c.conversion_id where v.external_id = $1`,
    [externalId],
  );

async function sell(externalId: string): Promise<void> {
  const identity = { visitorId: `visitor-${externalId}` };
  const touch = { identity, channel: 'paid_search', kind: 'click', occurredAt: ago(2) };
  const sale = { externalId, identity, type: 'purchase', value: { minor: 1_000, currency: 'EUR' }, occurredAt: ago(1) };
  await intakeTouchpoints(world.pool, world.programId, [touch]);
  await intakeConversions(world.pool, world.programId, [sale]);
}

describe('the feed', () => {
  it('credits what waits when it starts, and what comes when it is nudged', async () => {
    await sell('first');
    await nudge();
    await eventually(async () => expect(await creditsOf('first')).toHaveLength(1), 20_000);
    await sell('second');
    await nudge();
    await eventually(async () => expect(await creditsOf('second')).toHaveLength(1), 20_000);
  });

  it('finds work whose nudge was lost by itself', async () => {
    await sell('third');
    await eventually(async () => expect(await creditsOf('third')).toHaveLength(1), 40_000);
  });
});
