import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { APART, findApart, runApart } from './apart.ts';

const apart = findApart(process.argv.slice(2));
if (apart) process.exit(await runApart(apart));

const options = new Command('npm run bench --')
  .description(
    'Starts a stack and measures Tandem against the barest thing of the same shape, in turns, as ratios of one run.',
  )
  .option('--rounds <number>', 'pairs of each measurement', Number, 3)
  .option('--count <number>', 'journeys and completions in each round', Number, 40)
  .option('--parallel <number>', 'journeys started at once', Number, 8)
  .addOption(
    new Option(
      '--only <name>',
      `journey or redirect, both when absent; ${APART.join(', ')} run apart, with options of their own: --only credit --help`,
    ).choices(['journey', 'redirect', ...APART]),
  )
  .option('--state <folder>', 'where the stack keeps its data', '.tandem/bench')
  .parse()
  .opts<{ rounds: number; count: number; parallel: number; state: string; only?: string }>();

// Loaded once the command line is understood, so that --help and a wrong option do not wait for it.
const { startDemoStack } = await import('../demo/stack.ts');
const { activatePartner } = await import('../demo/steps/partner.ts');
const { createTeam } = await import('../demo/steps/team.ts');
const { benchJourney } = await import('./journey.ts');
const { benchRedirect } = await import('./redirect.ts');
const { printReport } = await import('./report.ts');

const stack = await startDemoStack(options.state, (line) => process.stdout.write(`${line}\n`));
const bareQueue = `bare-${Date.now()}`;
const worker = spawn(
  process.execPath,
  [
    '--import',
    'tsx',
    fileURLToPath(new URL('./bare/worker.ts', import.meta.url)),
    stack.places.temporalAddress,
    bareQueue,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
let code = 0;
try {
  await once(worker.stdout, 'data');
  const team = createTeam(stack.places.access);
  const run = Date.now().toString(36);
  const partner = await activatePartner(team, {
    name: 'Bench',
    email: `bench.${run}@partners.example`,
    type: 'creator',
    country: 'DE',
  });
  const wants = (name: string) => options.only === undefined || options.only === name;
  const { temporalAddress } = stack.places;
  const results = [
    // Ahead of the journeys, whose gates of seconds would remind and mail beside it.
    ...(wants('redirect') ? [await benchRedirect(team, partner.id, options.rounds)] : []),
    ...(wants('journey') ? await benchJourney({ team, temporalAddress, bareQueue, ...options }) : []),
  ];
  const [cpu] = cpus();
  process.stdout.write(
    `\n${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n\n`,
  );
  printReport(results);
} catch (error) {
  code = 1;
  process.stderr.write(`The bench stopped: ${(error as Error).message}\nLogs are in ${options.state}/logs.\n`);
} finally {
  worker.kill();
  await stack.stop();
}
process.exit(code);
