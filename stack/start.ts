import { join } from 'node:path';
import { createPool } from '../db/pool.ts';
import type { Config } from '../runtime/config.ts';
import { startDatabase } from './database.ts';
import { keepIdentity } from './identity.ts';
import { readAccess, writeAccess } from './access-file.ts';
import { startMail } from './mail-server.ts';
import type { StartOptions } from './options.ts';
import type { Supervisor } from './part.ts';
import { startProvider } from './payout-provider.ts';
import { keepPorts, requireApiPort } from './ports.ts';
import { startPrograms } from './programs.ts';
import { findRoot, requireBuild } from './root.ts';
import type { Access } from './seed/access.ts';
import { seed } from './seed/seed.ts';
import { startTemporalServer } from './temporal-server.ts';
import type { Tree } from './tree.ts';

/** Name of the seeded program and part of its people's addresses. */
const SEEDED = { name: 'Northwind Audio', mailDomain: 'northwind.localhost' };

export interface Places {
  publicUrl: string;
  databasePlace: string;
  temporalAddress: string;
  temporalUiUrl: string | null;
  mailUrl: string | null;
  providerUrl: string;
  accessFile: string;
  access: Access;
  isFast: boolean;
}

export interface StartContext {
  config: Config;
  options: StartOptions;
  /** Already claimed. */
  stateDir: string;
  supervisor: Supervisor;
  say: (line: string) => void;
}

/**
 * Brings up the whole tree in order: database with its newest tables, Temporal, mail, provider, the seeded program,
 * worker, API. Resolves when `/health/ready` answers 200.
 * @throws Error that says which part did not come up and why; what had started is stopped by the caller
 */
export async function startTree({ config, options, stateDir, supervisor, say }: StartContext): Promise<Places> {
  const root = findRoot();
  requireBuild(root);
  const apiPort = options.port ?? config.API_PORT;
  await requireApiPort(apiPort);
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${apiPort}`;
  const identity = keepIdentity(stateDir, { isFast: options.isFast });
  if (options.isFast !== identity.isFast) say(explainSpeed(identity.isFast));
  const tree: Tree = { root, stateDir, config, identity, ports: await keepPorts(stateDir), supervisor, say };

  const database = await startDatabase(tree);
  const temporal = await startTemporalServer(tree);
  const mail = await startMail(tree);
  const providerUrl = await startProvider(tree, `http://127.0.0.1:${apiPort}`);
  const accessFile = join(stateDir, 'access.json');
  const access = await seedProgram(tree, {
    databaseUrl: database.url,
    publicUrl,
    mailUrl: mail.mailUrl,
    providerUrl,
    accessFile,
  });
  await startPrograms(tree, {
    databaseUrl: database.url,
    temporalAddress: temporal.address,
    namespace: temporal.namespace,
    smtpUrl: mail.smtpUrl,
    providerUrl,
    publicUrl,
    apiPort,
  });
  return {
    publicUrl,
    databasePlace: database.place,
    temporalAddress: temporal.address,
    temporalUiUrl: temporal.uiUrl,
    mailUrl: mail.mailUrl || null,
    providerUrl,
    accessFile,
    access,
    isFast: identity.isFast,
  };
}

interface SeedPlaces {
  databaseUrl: string;
  publicUrl: string;
  mailUrl: string;
  providerUrl: string;
  accessFile: string;
}

async function seedProgram(tree: Tree, places: SeedPlaces): Promise<Access> {
  const { programId, isFast } = tree.identity;
  const pool = createPool({ url: places.databaseUrl, size: 2, applicationName: 'tandem-seed' });
  try {
    const previous = readAccess(places.accessFile);
    const access = await seed(pool, { ...SEEDED, ...places, programId, fast: isFast, ...(previous && { previous }) });
    writeAccess(places.accessFile, access);
    return access;
  } finally {
    await pool.end();
  }
}

function explainSpeed(isFast: boolean): string {
  return isFast
    ? 'This state folder was begun with --fast, so its gates take seconds. For real-life durations: --reset, or another --state.'
    : 'This state folder was begun without --fast, so its gates take days. For seconds: --reset --fast, or another --state.';
}
