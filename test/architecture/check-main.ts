import { Command } from 'commander';
import { CHECKS, DUMP_CHECKS, runCheck } from './checks.ts';

const checks = [...CHECKS, ...DUMP_CHECKS];

await new Command('npm run check --')
  .description(`Checks all that is not a test: ${checks.map((check) => check.name).join(', ')}.`)
  .option('--only <name>', 'run this check alone')
  .action(({ only }: { only?: string }) => {
    const chosen = checks.filter((check) => only === undefined || check.name === only);
    if (chosen.length === 0) {
      console.error(`No check is called "${only}". There are: ${checks.map((check) => check.name).join(', ')}.`);
      process.exitCode = 2;
    }
    for (const check of chosen) {
      const startedAt = performance.now();
      const fault = runCheck(check);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${fault === null ? 'ok    ' : 'failed'} ${check.name} (${seconds} s)`);
      if (fault === null) continue;
      console.error(`${fault}\nTo mend it: ${check.remedy}.`);
      process.exitCode = 1;
    }
  })
  .parseAsync();
