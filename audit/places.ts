import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { urlFor } from '../db/provision.ts';
import type { Config } from '../runtime/config.ts';

/** Where the parts are that an audit asks. */
export interface Places {
  databaseUrl: string;
  temporalAddress: string | null;
  providerUrl: string | null;
}

const identity = z.object({ logins: z.object({ api: z.object({ role: z.string(), password: z.string() }) }) });
const ports = z.object({ postgres: z.number(), temporal: z.number().optional(), provider: z.number().optional() });

/**
 * The parts that the settings name, or those of the local stack in its state folder.
 * @throws Error that says what to start or set
 */
export function findPlaces(config: Config, stateDir: string): Places {
  const kept = readState(join(stateDir, 'identity.json'), identity);
  const inner = readState(join(stateDir, 'ports.json'), ports);
  const local = (port: number | undefined) => (port === undefined ? null : `127.0.0.1:${port}`);
  const embedded = kept && inner ? urlFor(`postgres://${local(inner.postgres)}`, 'tandem', kept.logins.api) : undefined;
  const databaseUrl = config.DATABASE_URL ?? embedded;
  if (databaseUrl === undefined) {
    throw new Error(
      `No database is known. Start the local stack with \`npm start\` (it keeps its places in ${stateDir}), or set DATABASE_URL.`,
    );
  }
  const provider = local(inner?.provider);
  return {
    databaseUrl,
    temporalAddress: config.TEMPORAL_ADDRESS ?? local(inner?.temporal),
    providerUrl: config.PAYOUT_PROVIDER_URL ?? (provider === null ? null : `http://${provider}`),
  };
}

/** A JSON file of the state folder; null when it is not there. */
function readState<T>(file: string, schema: z.ZodType<T>): T | null {
  return existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
}
