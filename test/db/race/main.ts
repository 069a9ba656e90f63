import { Command } from 'commander';
import type { Control, RaceResult } from './race.ts';

const CONTROLS = ['none', 'without-barrier', 'without-order'] as const;

const options = new Command('npm run test:race --')
  .description(
    'Races facts, feeds, posters, settlers, holds and a re-evaluation against kills, and compares the end with the facts; then takes one guard away at a time and demands to see it fail.',
  )
  .option('--seconds <number>', 'of each run', Number, 30)
  .option('--seed <number>', 'the seed, printed with each run', Number, Date.now() % 100_000)
  .option('--only <control>', `one of ${CONTROLS.join(', ')}`)
  .parse()
  .opts<{ seconds: number; seed: number; only?: Control }>();

// Loaded once the command line is understood, so that --help and a wrong option do not wait for it.
const { startServers } = await import('../../support/servers.ts');
const { startTestPostgres } = await import('../../support/postgres.ts');
const { race } = await import('./race.ts');

/** What each run must show: the plain one no fault at all, each control the fault that its guard prevents. */
const MUST: Record<Control, (result: RaceResult) => boolean> = {
  none: ({ deadlocks, missed, faults, errors }) => deadlocks + missed + faults.length + errors.length === 0,
  'without-barrier': ({ missed }) => missed > 0,
  'without-order': ({ deadlocks }) => deadlocks > 0,
};

const servers = await startServers();
let failed = 0;
try {
  for (const control of CONTROLS.filter((one) => options.only === undefined || options.only === one)) {
    const postgres = await startTestPostgres();
    const result = await race(postgres, { seed: options.seed, durationMs: options.seconds * 1_000, control });
    await postgres.stop();
    const isAsExpected = MUST[control](result);
    if (!isAsExpected) failed += 1;
    process.stdout.write(
      `${isAsExpected ? 'ok   ' : 'FAULT'} ${control}, seed ${options.seed}: ${JSON.stringify(result)}\n`,
    );
  }
} finally {
  await servers.stop();
}
process.exit(failed === 0 ? 0 : 1);
