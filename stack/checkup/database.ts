import type { DatabaseSafety } from '../../db/safety.ts';
import { readDatabaseSafety } from '../../db/safety.ts';
import type { Config } from '../../runtime/config.ts';
import { scrub } from '../../runtime/log.ts';
import type { Finding } from './finding.ts';
import { advice, fault, ok } from './finding.ts';

const ABOUT = 'database';

/** Whether the database answers, and whether one program's data are kept from another's there. */
export async function examineDatabase(config: Config): Promise<Finding[]> {
  if (!config.DATABASE_URL) return [noDatabase(config)];
  try {
    return judge(await readDatabaseSafety(config.DATABASE_URL));
  } catch (error) {
    return [fault(ABOUT, `DATABASE_URL does not answer: ${scrub((error as Error).message || String(error))}`)];
  }
}

function noDatabase(config: Config): Finding {
  return config.TANDEM_ENV === 'production'
    ? fault(ABOUT, 'DATABASE_URL is not set. In production the database is a server of its own.')
    : ok(ABOUT, 'DATABASE_URL is not set: `npm start` embeds PostgreSQL.');
}

function judge(safety: DatabaseSafety): Finding[] {
  const findings: Finding[] = [];
  if (safety.isSuperuser) {
    findings.push(
      fault(
        ABOUT,
        `DATABASE_URL logs in as ${safety.role}, a superuser, who sees every program. Use a login that is only a member of tandem_app.`,
      ),
    );
  }
  if (safety.bypassesRls && !safety.isSuperuser) {
    findings.push(
      fault(
        ABOUT,
        `The login ${safety.role} bypasses row-level security. Take that from it: alter role … nobypassrls.`,
      ),
    );
  }
  if (safety.ownedTables > 0) {
    findings.push(
      fault(
        ABOUT,
        `The login ${safety.role} owns ${safety.ownedTables} tables and could switch row-level security off. Keep the owner for MIGRATION_DATABASE_URL.`,
      ),
    );
  }
  if (!safety.isMigrated) {
    findings.push(
      fault(ABOUT, 'The database holds no tables of Tandem. Run `npm run migrate` with MIGRATION_DATABASE_URL.'),
    );
  } else if (!safety.isMemberOfApp) {
    findings.push(
      fault(
        ABOUT,
        `The login ${safety.role} is no member of tandem_app. Run \`node dist/db/prepare-main.js\`, or grant it.`,
      ),
    );
  }
  if (safety.openTables.length > 0) {
    findings.push(fault(ABOUT, `Row-level security is not on and forced on: ${safety.openTables.join(', ')}.`));
  }
  if (Number.parseInt(safety.version) < 15) {
    findings.push(
      advice(ABOUT, `PostgreSQL ${safety.version} is older than any that Tandem was run on (18). Use 15 or newer.`),
    );
  }
  return findings.length > 0
    ? findings
    : [ok(ABOUT, `PostgreSQL ${safety.version}, login ${safety.role}, row-level security on and forced.`)];
}
