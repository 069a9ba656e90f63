import { startDemoStack } from '../../demo/stack.ts';
import { activatePartner } from '../../demo/steps/partner.ts';
import { createTeam } from '../../demo/steps/team.ts';
import type { Team } from '../../demo/steps/team.ts';

const LOOK_EVERY_MS = 10;
const LONGEST_MS = 120_000;
const TOUCHPOINTS_EACH = 6;
const HOUR_MS = 3_600_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Studies of one partner's sales through the API of a whole stack, the feed beside them: from the request until its result can be read.
 * @param say gets a line for each study, milliseconds
 */
export async function studyThroughApi(
  { conversions, rounds, state }: { conversions: number; rounds: number; state: string },
  say: (line: string) => void,
): Promise<void> {
  const stack = await startDemoStack(state, say);
  try {
    const team = createTeam(stack.places.access);
    const run = Date.now().toString(36);
    const partner = await activatePartner(team, {
      name: 'Bench',
      email: `bench.${run}@partners.example`,
      type: 'creator',
      country: 'DE',
    });
    const from = new Date(Date.now() - 300 * HOUR_MS).toISOString();
    await sell(team, { run, partnerId: partner.id, conversions });
    for (let round = 0; round < rounds; round += 1) say(await study(team, { from, conversions }));
  } finally {
    await stack.stop();
  }
}

/** Half of the touchpoints are the partner's. Returns when every sale is credited. */
async function sell(
  team: Team,
  { run, partnerId, conversions }: { run: string; partnerId: string; conversions: number },
): Promise<void> {
  let last = '';
  for (let from = 0; from < conversions; from += 100) {
    const sales = Array.from({ length: Math.min(100, conversions - from) }, (_, index) => from + index);
    await team.developer.post('/v1/touchpoints', {
      items: sales.flatMap((sale) =>
        Array.from({ length: TOUCHPOINTS_EACH }, (_, n) => ({
          id: `${run}-${sale}-${n}`,
          identity: { visitorId: `${run}-${sale}` },
          kind: 'click',
          occurredAt: new Date(Date.now() - (n + 1) * 7 * HOUR_MS).toISOString(),
          ...(n % 2 === 0 ? { channel: 'video', partnerId } : { channel: n % 4 === 1 ? 'email' : 'direct' }),
        })),
      ),
    });
    const { results } = await team.developer.post('/v1/conversions', {
      items: sales.map((sale) => ({
        externalId: `${run}-${sale}`,
        identity: { visitorId: `${run}-${sale}` },
        type: 'purchase',
        value: { minor: 1_000 + sale, currency: 'EUR' },
        occurredAt: new Date().toISOString(),
      })),
    });
    last = results.at(-1).id;
  }
  await until(async () => (await team.manager.get(`/v1/conversions/${last}`)).credits.length > 0);
}

async function study(team: Team, { from, conversions }: { from: string; conversions: number }): Promise<string> {
  const policy = await team.manager.post('/v1/attribution/policies', { name: 'Draft', model: { kind: 'time-decay' } });
  const to = new Date(Date.now() + HOUR_MS).toISOString();
  const began = performance.now();
  const { id } = await team.manager.post(`/v1/attribution/policies/${policy.id}/studies`, { from, to });
  const answeredMs = performance.now() - began;
  const done = await until(async () => {
    const shown = await team.manager.get(`/v1/attribution/studies/${id}`);
    return shown.state === 'done' ? shown : null;
  });
  const ms = performance.now() - began;
  if (done.conversions < conversions) throw new Error(`The study has ${done.conversions} conversions.`);
  return `${Math.round(ms)} ms from the request to its result, answered after ${Math.round(answeredMs)}`;
}

async function until<Found>(look: () => Promise<Found | null | false>): Promise<Found> {
  const began = performance.now();
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() - began > LONGEST_MS) throw new Error(`Nothing after ${LONGEST_MS / 1_000} s.`);
    await pause(LOOK_EVERY_MS);
  }
}
