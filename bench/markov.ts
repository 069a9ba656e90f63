import { Command } from 'commander';
import { fitPaths } from '../domain/attribution/fit.ts';
import { denseEffects } from './markov/dense.ts';
import { hasPaths, somePaths } from './markov/paths.ts';
import { median } from './measure.ts';

const GOAL_MS = 500;
const PRECISION = 1e-9;
const say = (line: string) => process.stdout.write(`${line}\n`);

const { paths, channels, dense, rounds } = new Command('tsx bench/markov.ts')
  .description(
    'Markov fits of order 1, 2 and 3 over aggregated paths in memory, and how far they are from a dense solve of the same chain.',
  )
  .option('--paths <number>', 'different paths', Number, 10_000)
  .option('--channels <number>', 'channels of the paths', Number, 20)
  .option(
    '--dense <number>',
    'largest chain that is solved as a dense matrix too; its cost grows with the cube',
    Number,
    700,
  )
  .option('--rounds <number>', 'fits of each order', Number, 7)
  .parse()
  .opts<{ paths: number; channels: number; dense: number; rounds: number }>();

/** Fits some paths; false when the goal or the precision is missed. The goal is held against CPU time, which no neighbour makes longer. */
function bench(order: number, over: number, isGoal: boolean): boolean {
  const some = somePaths(paths, over);
  const times = Array.from({ length: rounds }, () => timed(() => fitPaths(some, { method: 'markov', order })));
  const { channels: credits, states } = times[0]!.result;
  const [wallMs, cpuMs] = (['wallMs', 'cpuMs'] as const).map((kind) => median(times.map((time) => time[kind])));
  say(
    `order ${order}, ${paths} paths of ${over} channels, ${states} states: median ${wallMs!.toFixed(0)} ms, ${cpuMs!.toFixed(0)} ms of CPU${isGoal ? ` (goal: at most ${GOAL_MS} ms)` : ''}`,
  );
  const isFast = !isGoal || cpuMs! <= GOAL_MS;
  if (states > dense) {
    say(`  no dense solve: more than ${dense} states`);
    return isFast;
  }
  const solved = timed(() => denseEffects(some, order));
  const worst = Math.max(
    ...credits.map(({ channel, removalEffect }) => Math.abs(removalEffect! - solved.result.get(channel)!)),
  );
  say(
    `  a dense solve takes ${solved.cpuMs.toFixed(0)} ms of CPU, ratio ${(cpuMs! / solved.cpuMs).toFixed(2)}; removal effects differ by at most ${worst.toExponential(1)} (goal: below ${PRECISION})`,
  );
  return isFast && worst < PRECISION;
}

function timed<Result>(work: () => Result): { result: Result; wallMs: number; cpuMs: number } {
  const [began, used] = [performance.now(), process.cpuUsage()];
  const result = work();
  const { user, system } = process.cpuUsage(used);
  return { result, wallMs: performance.now() - began, cpuMs: (user + system) / 1_000 };
}

const isReached = [1, 2, 3].map((order) => bench(order, channels, true));
// The dense matrix of order 3 is too large with so many channels; as many paths of fewer show the same.
const fewer = Math.floor(Math.cbrt(dense * 0.8));
if (fewer < channels && hasPaths(paths, fewer)) isReached.push(bench(3, fewer, false));
say(isReached.every(Boolean) ? 'reached' : 'missed');
