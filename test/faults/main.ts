import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { findFreePort } from '../../runtime/free-port.ts';
import { Tree } from '../support/tree.ts';
import { runFaults } from './rounds.ts';

const options = new Command('npm run test:faults --')
  .description(
    'Lives partner journeys while worker, Temporal and PostgreSQL are killed at seeded moments, and audits the books after each round.',
  )
  .option('--runs <number>', 'journeys in all', Number, 200)
  .option('--parallel <number>', 'journeys at once', Number, 10)
  .option('--seed <number>', 'the first seed; a failure names its own', Number, 1)
  .parse()
  .opts<{ runs: number; parallel: number; seed: number }>();

Tree.build();
const stateDir = mkdtempSync(join(tmpdir(), 'tandem-faults-'));
const tree = new Tree(stateDir, await findFreePort());
const say = (line: string) => void process.stdout.write(`${line}\n`);
let code = 1;
try {
  await tree.start(['--fast']);
  const result = await runFaults({
    tree,
    firstSeed: options.seed,
    runs: options.runs,
    parallel: options.parallel,
    say,
  });
  say(`kills: ${JSON.stringify(result.kills)}`);
  say(`${result.runs - result.failures.length} passed, ${result.failures.length} failed`);
  code = result.failures.length === 0 ? 0 : 1;
} finally {
  await tree.signal('SIGINT');
  if (code === 0) rmSync(stateDir, { recursive: true, force: true });
  else say(`The state and the logs are in ${stateDir}.`);
}
process.exit(code);
