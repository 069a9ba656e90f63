import { Command, InvalidArgumentError } from 'commander';
import type { Ending, Life } from './life.ts';

/** Worlds between two lines of progress. */
const SAY_EVERY = 10;

const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
};
const numbers = (text: string): number[] => text.split(',').map(whole);

const options = new Command('npm run test:worlds --')
  .description(
    'Lives random programs by production code on a real PostgreSQL (facts, contracts, decisions, statements, payouts, policies, studies, re-evaluations), and looks at every invariant after each few steps. A world that fails is made smaller, and the command that repeats it is printed.',
  )
  .option('--worlds <number>', 'worlds in all', whole, 200)
  .option('--seed <number>', 'the first seed; a failure names its own', whole, 1)
  .option('--steps <number>', 'of each world', whole, 60)
  .option('--pairs <number>', 'pairs of worlds that are told the same facts, in the best order and shuffled', whole, 20)
  .option('--only <numbers>', 'take these steps alone, as 3,17,20', numbers)
  .option('--no-shrink', 'leave failing worlds as they are')
  .parse()
  .opts<{ worlds: number; seed: number; steps: number; pairs: number; only?: number[]; shrink: boolean }>();

// Loaded once the command line is understood, so that --help and a wrong option do not wait for it.
const { createPool } = await import('../../db/pool.ts');
const { startTestPostgres } = await import('../support/postgres.ts');
const { startServers } = await import('../support/servers.ts');
const { live } = await import('./life.ts');
const { livePair } = await import('./pair.ts');
const { startWorldProvider } = await import('./provider.ts');
const { shrink } = await import('./shrink.ts');

const say = (line: string) => void process.stdout.write(`${line}\n`);
const commandOf = ({ seed, steps, only }: Life) =>
  `npm run test:worlds -- --seed ${seed} --worlds 1 --pairs 0 --steps ${steps}${only ? ` --only ${only.join(',')}` : ''}`;

const servers = await startServers();
const postgres = await startTestPostgres();
const pool = createPool({ url: postgres.url });
const provider = await startWorldProvider();
let failed = 0;
try {
  const counts: Record<string, number> = {};
  let paid = 0;
  const again = (life: Life) => live(pool, provider, life);
  for (let seed = options.seed; seed < options.seed + options.worlds; seed += 1) {
    const life = { seed, steps: options.steps, only: options.only };
    const ending = await again(life);
    for (const { name } of ending.taken) counts[name] = (counts[name] ?? 0) + 1;
    paid += ending.paid;
    if (ending.failure !== null) {
      failed += 1;
      await tell(life, ending, again);
    }
    const lived = seed - options.seed + 1;
    if (lived % SAY_EVERY === 0) say(`${lived} worlds, ${failed} failed so far`);
  }
  for (let seed = options.seed; seed < options.seed + options.pairs; seed += 1) {
    const difference = await differ(seed);
    if (difference === null) continue;
    failed += 1;
    say(`pair of seed ${seed}: ${difference}\n  npm run test:worlds -- --worlds 0 --pairs 1 --seed ${seed}`);
  }
  say(`steps: ${JSON.stringify(counts)}, payouts that arrived: ${paid}`);
  say(`${options.worlds + options.pairs - failed} passed, ${failed} failed`);
} finally {
  await provider.stop();
  await pool.end();
  await postgres.stop();
  await servers.stop();
}
process.exit(failed === 0 ? 0 : 1);

/** @returns the lines that only one of the two has, or what went wrong */
async function differ(seed: number): Promise<string | null> {
  try {
    const { told, shuffled } = await livePair(pool, provider, { seed, facts: 40 });
    const only = (['credits', 'money'] as const).flatMap((name) => [
      ...told[name].filter((line) => !shuffled[name].includes(line)).map((line) => `told ${line}`),
      ...shuffled[name].filter((line) => !told[name].includes(line)).map((line) => `shuffled ${line}`),
    ]);
    return only.length === 0 ? null : only.join(' ');
  } catch (error) {
    return (error as Error).message;
  }
}

async function tell(life: Life, ending: Ending, again: (life: Life) => Promise<Ending>): Promise<void> {
  say(`seed ${life.seed}, after step ${ending.failure!.at}: ${ending.failure!.message}`);
  const only = options.shrink ? await shrink(life, ending, again) : life.only;
  for (const { no, name, args } of ending.taken)
    if (only === undefined || only.includes(no)) say(`  ${no} ${name} ${JSON.stringify(args)}`);
  say(`  ${commandOf({ ...life, only })}`);
}
