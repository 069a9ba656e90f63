import type { Pool } from '../../db/pool.ts';
import { Dice } from '../support/dice.ts';
import { drawSteps } from './action.ts';
import type { Step } from './action.ts';
import { allActions } from './actions.ts';
import { drawPolicy } from './draft.ts';
import { look } from './life.ts';
import type { WorldProvider } from './provider.ts';
import { World } from './world.ts';

/** What becomes of facts: lines of credits and of money, partners by their places. */
export interface Outcome {
  credits: string[];
  money: string[];
}

/** Facts that say the same in any order: sales first would be enough, so they are told in this one. */
const FACTS = { rates: 1, click: 3, touch: 14, merge: 3, sale: 9, 'renewal-of': 5, 'refund-of': 5 };

/**
 * Two worlds of the same facts: in the one they come in the best order and are worked on once, in the other shuffled, some of them
 * twice, with the feed at work between them. Nothing is locked. Both must hold every invariant.
 * @returns what the two came to
 */
export async function livePair(
  pool: Pool,
  provider: WorldProvider,
  { seed, facts }: { seed: number; facts: number },
): Promise<{ told: Outcome; shuffled: Outcome }> {
  const all = allActions(provider);
  const names = Object.keys(FACTS) as (keyof typeof FACTS)[];
  const actions = Object.fromEntries(names.map((name) => [name, { ...all[name]!, weight: FACTS[name] }]));
  const steps = drawSteps(actions, seed, facts);
  const dice = new Dice(seed);
  const policy = drawPolicy(dice);
  const time = { startMs: Date.now(), spreads: true };

  const inOrder = await World.make(pool, { policy, ...time });
  for (const name of names) for (const step of steps.filter((one) => one.name === name)) await step.run(inOrder);
  const anyhow = await World.make(pool, { policy, ...time });
  for (const step of shuffle(dice, [...steps, ...dice.some(6, () => dice.one(steps))])) {
    await step.run(anyhow);
    if (dice.whole(4) === 0) await anyhow.drain();
  }
  for (const world of [inOrder, anyhow]) await look(world, new Map());
  return { told: await outcomeOf(inOrder), shuffled: await outcomeOf(anyhow) };
}

function shuffle(dice: Dice, steps: readonly Step[]): Step[] {
  return steps
    .map((step) => ({ step, key: dice.next() }))
    .sort((one, other) => one.key - other.key)
    .map(({ step }) => step);
}

async function outcomeOf(world: World): Promise<Outcome> {
  const credits = await world.rows<{ who: string }>(
    `select c.external_id as sale, k.beneficiary_id as who, k.channel, k.share_e12 as share, k.value_minor as minor, k.sub_id as "subId"
     from conversion c
     join conversion_state s on s.program_id = c.program_id and s.conversion_id = c.id
     join credit k on k.program_id = c.program_id and k.conversion_id = c.id and k.generation = s.generation
     where c.program_id = $1`,
  );
  const money = await world.rows<{ who: string }>(
    `select c.external_id as sale, m.partner_id as who, m.currency, sum(m.amount_minor)::bigint as minor
     from commission m join conversion c on c.program_id = m.program_id and c.id = m.conversion_id
     where m.program_id = $1
     group by 1, 2, 3 having sum(m.amount_minor) <> 0`,
  );
  const named = (rows: readonly { who: string }[]) =>
    rows
      .map(({ who, ...row }) => {
        const place = world.partners.findIndex(({ partnerId }) => partnerId === who);
        return JSON.stringify({ ...row, who: place === -1 ? who : `partner ${place}` });
      })
      .sort();
  return { credits: named(credits), money: named(money) };
}
