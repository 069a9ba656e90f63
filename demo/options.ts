import { Command } from 'commander';

export interface DemoOptions {
  /** The stack's folder; the demo's own by default, so that a real start beside it is left alone. */
  stateDir: string;
  /** Leave the stack running afterwards, so that the links can be opened. */
  keeps: boolean;
}

/** Reads the command line of `npm run demo`. */
export function readDemoOptions(argv: string[], isTerminal: boolean): DemoOptions {
  const { state, keep } = new Command('npm run demo --')
    .description(
      'Starts a stack whose gates take seconds and tells one story on it: from the survey to money in the bank, with one complaint.',
    )
    .option('--state <folder>', 'where the demo’s stack keeps its data', '.tandem/demo')
    .option('--keep', 'leave everything running at the end until Ctrl-C (default on a terminal)', isTerminal)
    .option('--no-keep', 'stop at the end')
    .allowExcessArguments(false)
    .parse(argv, { from: 'user' })
    .opts<{ state: string; keep: boolean }>();
  return { stateDir: state, keeps: keep };
}
