import { randomUUID } from 'node:crypto';
import type { Team } from './team.ts';
import { waitFor } from './wait.ts';

/** One touch of a path: an own channel, or a partner through a channel. */
export interface Touch {
  channel: string;
  partnerId?: string;
  kind?: string;
}

export interface Sale {
  id: string;
  externalId: string;
}

export interface SalePlan {
  externalId: string;
  minor: number;
  currency?: string;
  path: Touch[];
  type?: string;
}

/** Longer than the screen for clicks that are too fast allows in a programme of seconds. */
const STEP_MS = 250;

/** Sends the touches of one new visitor in order, and the conversion after them, some hundred milliseconds apart. */
export async function sell(team: Team, plan: SalePlan): Promise<Sale> {
  const visitorId = `visitor-${randomUUID()}`;
  const start = Date.now() - (plan.path.length + 1) * STEP_MS;
  const at = (step: number) => new Date(start + step * STEP_MS).toISOString();
  if (plan.path.length > 0) {
    await team.developer.post('/v1/touchpoints', {
      items: plan.path.map((touch, step) => ({
        kind: 'click',
        ...touch,
        identity: { visitorId },
        occurredAt: at(step),
      })),
    });
  }
  const { results } = await team.developer.post('/v1/conversions', {
    items: [
      {
        externalId: plan.externalId,
        identity: { visitorId, customerId: `customer-${plan.externalId}` },
        type: plan.type ?? 'purchase',
        value: { minor: plan.minor, currency: plan.currency ?? 'EUR' },
        occurredAt: at(plan.path.length),
      },
    ],
  });
  if (results[0].status !== 'accepted')
    throw new Error(`The sale ${plan.externalId} was ${results[0].status}: ${results[0].detail}`);
  return { id: results[0].id, externalId: plan.externalId };
}

/** Waits until the feed has credited the sale. */
export function creditsOf(team: Team, sale: Sale): Promise<any[]> {
  return waitFor(`credits of ${sale.externalId}`, async () => {
    const { credits } = await team.manager.get(`/v1/conversions/${sale.id}`);
    return credits.length > 0 && credits;
  });
}

export async function refund(
  team: Team,
  sale: { externalId: string },
  externalId: string,
  minor?: number,
  currency = 'EUR',
): Promise<void> {
  const { results } = await team.developer.post('/v1/refunds', {
    items: [
      {
        externalId,
        conversionExternalId: sale.externalId,
        ...(minor === undefined ? {} : { value: { minor, currency } }),
        occurredAt: new Date().toISOString(),
        reason: 'Returned.',
      },
    ],
  });
  if (results[0].status !== 'accepted')
    throw new Error(`The refund ${externalId} was ${results[0].status}: ${results[0].detail}`);
}
