import { Command, InvalidArgumentError } from 'commander';

export interface StartOptions {
  /** Gates in seconds instead of days, for trying things out. */
  isFast: boolean;
  /** Of the API. */
  port: number | null;
  /** Folder of everything that is kept. */
  stateDir: string;
  /** Forget everything that an earlier start kept. */
  reset: boolean;
}

/** Reads the command line of `npm start`. `--help` and faults end the process with a text that helps. */
export function readStartOptions(argv: string[]): StartOptions {
  const command = new Command('npm start --')
    .description(
      'Starts all of Tandem on this machine: database, Temporal, mail catcher, payout provider, worker, API.',
    )
    .option(
      '--fast',
      'a program whose gates take seconds instead of days (at the first start of a state folder)',
      false,
    )
    .option('--port <number>', 'port of the API (default: API_PORT, else 3000)', parsePort)
    .option('--state <folder>', 'where everything is kept', '.tandem')
    .option('--reset', 'forget everything that an earlier start kept', false)
    .addHelpText(
      'after',
      '\nWith DATABASE_URL, TEMPORAL_ADDRESS, SMTP_URL or PAYOUT_PROVIDER_URL set, that part is used instead of an embedded one.\nCtrl-C stops everything. Logs are in <state>/logs, addresses and keys in <state>/access.json.',
    )
    .allowExcessArguments(false)
    .parse(argv, { from: 'user' });
  const { fast, port, state, reset } = command.opts<{ fast: boolean; port?: number; state: string; reset: boolean }>();
  return { isFast: fast, port: port ?? null, stateDir: state, reset };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 1 to 65535.');
}
