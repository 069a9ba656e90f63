import { readConfig } from '../runtime/config.ts';
import { describePlaces } from './banner.ts';
import { readStartOptions } from './options.ts';
import { Supervisor } from './part.ts';
import { startTree } from './start.ts';
import { claimStateFolder } from './state-folder.ts';

const startedAt = Date.now();
const say = (line: string) => void process.stdout.write(`${line}\n`);
const options = readStartOptions(process.argv.slice(2));
const supervisor = new Supervisor({ say: (line) => say(`[${new Date().toISOString().slice(11, 19)}] ${line}`) });

let stopping: Promise<void> | null = null;
let release = () => undefined as void;

/** Stops what runs, in order, once. */
function stop(code: number): Promise<void> {
  stopping ??= supervisor.stop().then(() => {
    release();
    process.exit(code);
  });
  return stopping;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping === null) say('Stopping …');
    void stop(0);
  });
}

try {
  const config = readConfig();
  if (config.TANDEM_ENV === 'production') {
    throw new Error(
      'npm start is for one machine and never for production: run dist/api/main.js and dist/worker/main.js (docs/operating.md).',
    );
  }
  const state = await claimStateFolder(options.stateDir, { reset: options.reset, say });
  release = state.release;
  const places = await startTree({ config, options, stateDir: state.dir, supervisor, say });
  if (stopping === null) say(describePlaces(places, (Date.now() - startedAt) / 1000));
} catch (error) {
  if (stopping === null) {
    process.stderr.write(`${(error as Error).message}\n`);
    await stop(1);
  }
}
