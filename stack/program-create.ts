import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { findPlaces } from '../audit/places.ts';
import { newId } from '../db/ids.ts';
import { createPool } from '../db/pool.ts';
import { readConfig } from '../runtime/config.ts';
import { readAccess, writeAccess } from './access-file.ts';
import { seed } from './seed/seed.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9 _-]{0,59}$/;

interface Options {
  name: string;
  fast: boolean;
  state: string;
}

/** Makes another program on the running local stack, with a team of its own, and writes the keys of its people beside the first ones. */
async function createProgram({ name, fast, state }: Options): Promise<void> {
  const config = readConfig();
  if (config.TANDEM_ENV === 'production') throw new Error('This prints keys and is never for production.');
  if (!NAME.test(name)) throw new Error('Give --name: letters, digits, spaces, - and _, at most 60.');
  const stateDir = resolve(state);
  const running = readAccess(join(stateDir, 'access.json'));
  if (!running)
    throw new Error(
      `There is no local stack in ${stateDir}. Start it with \`npm start\`, or name its folder by --state.`,
    );
  const slug = name.replaceAll(' ', '-');
  const file = join(stateDir, `access-${slug}.json`);
  if (existsSync(file))
    throw new Error(`${file} is there already: the program ${name} was made before. Choose another name.`);
  const pool = createPool({
    url: findPlaces(config, stateDir).databaseUrl,
    size: 2,
    applicationName: 'tandem-program-create',
  });
  try {
    const { baseUrl, mailUrl, providerUrl } = running;
    const places = { publicUrl: baseUrl, mailUrl, providerUrl };
    const mailDomain = `${slug.toLowerCase().replaceAll('_', '-')}.localhost`;
    const access = await seed(pool, { programId: newId('program'), name, fast, mailDomain, ...places });
    writeAccess(file, access);
    process.stdout.write(`The program ${name} (${access.programId}) is there. Keys and sign-in links: ${file}\n`);
  } finally {
    await pool.end();
  }
}

const command = new Command('npm run program:create --')
  .description(
    'Makes another program, a tenant of its own, on the local stack that runs, and writes <state>/access-<name>.json.',
  )
  .option('--name <name>', 'name of the program', '')
  .option('--fast', 'gates of seconds instead of days', false)
  .option('--state <folder>', 'the state folder of npm start', '.tandem')
  .parse();

try {
  await createProgram(command.opts<Options>());
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
