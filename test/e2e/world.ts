import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../db/ids.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { createTeam } from '../../demo/steps/team.ts';
import type { Team } from '../../demo/steps/team.ts';
import type { Calendar } from '../../domain/contract/terms.ts';
import { fastSettings } from '../../domain/program/settings.ts';
import type { ProgramSettings } from '../../domain/program/settings.ts';
import { findFreePort } from '../../runtime/free-port.ts';
import { seed } from '../../stack/seed/seed.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { startTestClient } from '../support/temporal-client.ts';
import { Tree } from '../support/tree.ts';

/** Windows of seconds: a story's month. */
export const QUICK_CALENDAR: Calendar = { period: 'PT8S', lockAfter: 'PT1S', payAfter: 'PT1S' };

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** The whole of Tandem in its own processes, on which every story has a program of its own. */
export interface World {
  /** Another advertiser's programme with a team; `change` alters the settings of seconds before they are stored. */
  program(name: string, change?: (settings: ProgramSettings) => ProgramSettings): Promise<Team>;
  mailsTo(address: string): Promise<Mail[]>;
  /** What the payout provider's own book holds under a key. */
  payments(payoutId: string): Promise<{ amount: { minor: number; currency: string }; state: string }[]>;
  pool: Pool;
  stop(): Promise<void>;
}

export const withCalendar =
  (calendar: Calendar) =>
  (settings: ProgramSettings): ProgramSettings => ({ ...settings, calendar });

export async function startWorld(): Promise<World> {
  Tree.build();
  const postgres = await startTestPostgres();
  const temporal = await startTestClient();
  const stateDir = mkdtempSync(join(tmpdir(), 'tandem-e2e-'));
  const tree = new Tree(stateDir, await findFreePort());
  await tree.start(['--fast'], {
    DATABASE_URL: postgres.url,
    MIGRATION_DATABASE_URL: postgres.ownerUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TASK_QUEUE_PREFIX: temporal.prefix,
  });
  const access = tree.access();
  const pool = createPool({ url: postgres.url, size: 4 });
  return {
    pool,
    async program(name, change = (settings) => settings) {
      const { baseUrl, mailUrl, providerUrl } = access;
      const programId = newId('program');
      const settings = change(fastSettings());
      const mailDomain = `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.localhost`;
      return createTeam(
        await seed(pool, {
          programId,
          name,
          fast: true,
          settings,
          mailDomain,
          publicUrl: baseUrl,
          mailUrl,
          providerUrl,
        }),
      );
    },
    async mailsTo(address) {
      const response = await fetch(`${access.mailUrl}/messages?to=${encodeURIComponent(address)}`);
      return ((await response.json()) as { items: Mail[] }).items;
    },
    async payments(payoutId) {
      const response = await fetch(`${access.providerUrl}/payments?key=${payoutId}`);
      return ((await response.json()) as { items: any[] }).items;
    },
    async stop() {
      await tree.signal('SIGINT');
      await pool.end();
      await temporal.stop();
      await postgres.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
