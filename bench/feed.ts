import { Command } from 'commander';
import { startDemoStack } from '../demo/stack.ts';
import { activatePartner } from '../demo/steps/partner.ts';
import { createTeam } from '../demo/steps/team.ts';
import { creditDelays, fillTouchpoints, untilFeedIsFree } from './feed/load.ts';

const options = new Command('tsx bench/feed.ts')
  .description(
    'From a conversion sent to POST /v1/conversions until GET /v1/conversions/{id} shows its credit, under steady load, on a whole stack. Build first.',
  )
  .option('--rate <number>', 'conversions per second, each with six touchpoints before it', Number, 500)
  .option('--seconds <number>', 'how long', Number, 60)
  .option('--partners <number>', 'partners with contracts', Number, 5)
  .option('--state <folder>', 'where the stack keeps its data', '.tandem/bench-feed')
  .parse()
  .opts<{ rate: number; seconds: number; partners: number; state: string }>();

const say = (line: string) => void process.stdout.write(`${line}\n`);
const stack = await startDemoStack(options.state, say);
let code = 0;
try {
  const team = createTeam(stack.places.access);
  const run = Date.now().toString(36);
  const partners: string[] = [];
  for (let n = 0; n < options.partners; n += 1) {
    const email = `bench.${run}.${n}@partners.example`;
    partners.push((await activatePartner(team, { name: `Bench ${n}`, email, type: 'creator', country: 'DE' })).id);
  }
  const load = { ...options, run, partners };
  say(
    `${options.rate * options.seconds * 6} touchpoints in ${((await fillTouchpoints(team, load)) / 1_000).toFixed(0)} s`,
  );
  say(`the feed had taken them ${((await untilFeedIsFree(team, load)) / 1_000).toFixed(1)} s later`);
  const { delays, lateBatches, uncredited } = await creditDelays(team, load);
  delays.sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round(delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? NaN);
  say(
    `${options.rate}/s for ${options.seconds} s, ${delays.length} conversions watched; batches that started late: ${lateBatches}`,
  );
  say(
    `conversion → readable credit: median ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms; never: ${uncredited}`,
  );
  say(`goal p99 ≤ 3,000 ms: ${at(0.99) <= 3_000 && uncredited === 0 ? 'reached' : 'missed'}`);
} catch (error) {
  code = 1;
  process.stderr.write(`The bench stopped: ${(error as Error).message}\nLogs are in ${options.state}/logs.\n`);
} finally {
  await stack.stop();
}
process.exit(code);
