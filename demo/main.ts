import { createTeam } from './steps/team.ts';
import { createNarrator } from './narrator.ts';
import { readDemoOptions } from './options.ts';
import { startDemoStack } from './stack.ts';
import { tellStory } from './story.ts';

const options = readDemoOptions(process.argv.slice(2), process.stdout.isTTY ?? false);
const tell = createNarrator(process.stdout);
const stack = await startDemoStack(options.stateDir, (line) => process.stdout.write(`${line}\n`));

let code = 0;
try {
  await tellStory({
    team: createTeam(stack.places.access),
    tell,
    temporalUrl: stack.places.temporalUiUrl ?? undefined,
    run: Date.now().toString(36),
  });
} catch (error) {
  code = 1;
  process.stderr.write(`\nThe story stopped: ${(error as Error).message}\nLogs are in ${options.stateDir}/logs.\n`);
}
if (options.keeps && code === 0) {
  process.stdout.write('\nEverything keeps running, so that the links can be opened. Ctrl-C stops it.\n');
  await stack.interrupted;
}
await stack.stop();
process.exit(code);
