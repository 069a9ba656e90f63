import type { Team } from '../../demo/steps/team.ts';

export interface Load {
  run: string;
  rate: number;
  seconds: number;
  partners: readonly string[];
}

const BATCHES_PER_SECOND = 10;
/**
 * One conversion of every so many batches is watched, and asked for so often: each answer explains a whole journey, and the questions of a
 * bench must not load the machine more than the shop does.
 */
const BATCHES_PER_WATCH = 4;
const LOOK_EVERY_MS = 100;
const LONGEST_MS = 120_000;
const CHANNELS = ['paid_search', 'email', 'direct'];

/** Waits until the feed has worked through what came before: a conversion sent now is credited. @returns milliseconds */
export async function untilFeedIsFree(team: Team, { run }: Pick<Load, 'run'>): Promise<number> {
  const began = performance.now();
  const sale = { externalId: `${run}-first`, identity: { visitorId: `${run}-first` }, type: 'purchase' };
  const item = { ...sale, value: { minor: 1_000, currency: 'EUR' }, occurredAt: new Date().toISOString() };
  const { results } = await team.developer.post('/v1/conversions', { items: [item] });
  for (;;) {
    const { credits } = await team.manager.get(`/v1/conversions/${results[0].id}`);
    if (credits.length > 0) return performance.now() - began;
    await pause(LOOK_EVERY_MS);
  }
}

/** Six touchpoints for the person of each conversion, half of them of partners. @returns milliseconds */
export async function fillTouchpoints(team: Team, { run, rate, seconds, partners }: Load): Promise<number> {
  const began = performance.now();
  const total = rate * seconds * 6;
  for (let from = 0; from < total; from += 1_000) {
    const touchpoints = Array.from({ length: Math.min(1_000, total - from) }, (_, index) => {
      const n = from + index;
      const origin =
        n % 2 === 0 ? { channel: CHANNELS[n % 3] } : { channel: 'video', partnerId: partners[n % partners.length] };
      return {
        id: `${run}-${n}`,
        identity: { visitorId: `${run}-${Math.floor(n / 6)}` },
        kind: 'click',
        occurredAt: new Date(Date.now() - (1 + (n % 200)) * 3_600_000).toISOString(),
        ...origin,
      };
    });
    await team.developer.post('/v1/touchpoints', { items: touchpoints });
  }
  return performance.now() - began;
}

/** Sends conversions at the rate and asks the API for the credit of some until it shows. Delays in milliseconds, from before the request. */
export async function creditDelays(
  team: Team,
  { run, rate, seconds }: Load,
): Promise<{ delays: number[]; lateBatches: number; uncredited: number }> {
  const delays: number[] = [];
  const watches: Promise<void>[] = [];
  let lateBatches = 0;
  let uncredited = 0;
  const size = rate / BATCHES_PER_SECOND;
  const began = performance.now();
  const watch = async (id: string, sentAt: number) => {
    while (performance.now() - sentAt < LONGEST_MS) {
      const { credits } = await team.manager.get(`/v1/conversions/${id}`);
      if (credits.length > 0) return void delays.push(performance.now() - sentAt);
      await pause(LOOK_EVERY_MS);
    }
    uncredited += 1;
  };
  const send = async (batch: number) => {
    const sentAt = performance.now();
    const conversions = Array.from({ length: size }, (_, index) => ({
      externalId: `${run}-${batch * size + index}`,
      identity: { visitorId: `${run}-${batch * size + index}` },
      type: 'purchase',
      value: { minor: 1_000 + index, currency: 'EUR' },
      occurredAt: new Date().toISOString(),
    }));
    const { results } = await team.developer.post('/v1/conversions', { items: conversions });
    if (batch % BATCHES_PER_WATCH === 0) await watch(results[0].id, sentAt);
  };
  for (let batch = 0; batch < seconds * BATCHES_PER_SECOND; batch += 1) {
    const due = began + (batch * 1_000) / BATCHES_PER_SECOND;
    const wait = due - performance.now();
    if (wait > 0) await pause(wait);
    else if (wait < -500) lateBatches += 1;
    watches.push(send(batch));
  }
  await Promise.all(watches);
  return { delays, lateBatches, uncredited };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
