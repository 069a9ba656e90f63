import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLogins, provisionDatabase } from '../../db/provision.ts';
import { readBinarySettings } from '../../runtime/config.ts';
import { stopOrphanPostgres } from '../../runtime/embedded/postgres-orphan.ts';
import { findCluster, removePostgresFolder } from '../../runtime/embedded/postgres-folder.ts';
import type { EmbeddedPostgres } from '../../runtime/embedded/postgres.ts';
import { startPostgres } from '../../runtime/embedded/postgres.ts';
import { resolveTemporalBinary } from '../../runtime/embedded/temporal-binary.ts';
import type { EmbeddedTemporal } from '../../runtime/embedded/temporal.ts';
import { startTemporal } from '../../runtime/embedded/temporal.ts';
import { endProcess, isAlive, readProcessRecord, recordProcess } from '../../runtime/process-record.ts';
import { makeMemoryFolder, memoryFolderRoots } from './memory-folder.ts';
import type { ServersFile } from './servers-file.ts';

const PREFIX = 'tandem-test-';

/** Tests lose nothing by a crash of the machine: durability off makes them twice as fast. */
const TEST_SETTINGS = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'max_connections=300'];

/**
 * Starts real servers on free ports and writes their addresses to the file that TANDEM_TEST_STACK names.
 * What an earlier run left behind because it was killed is stopped and removed first.
 */
export async function startServers(): Promise<{ stop(): Promise<void> }> {
  await sweep();
  const stateDir = makeMemoryFolder(PREFIX);
  mkdirSync(join(stateDir, 'pids'));
  recordProcess(join(stateDir, 'pids', 'jest.json'), process.pid, 'jest');
  const { path: binary } = await resolveTemporalBinary({
    kind: 'cli',
    ...readBinarySettings('cli'),
    onProgress: (line) => console.error(line),
  });
  // Other accounts must reach the cluster when the tests run as root.
  chmodSync(stateDir, 0o755);
  const [postgres, temporal] = await Promise.allSettled([
    startPostgres({ stateDir, settings: TEST_SETTINGS }),
    startTemporal({ binary, stateDir, uiPort: false }),
  ]);
  const stop = async () => {
    for (const server of [postgres, temporal]) if (server.status === 'fulfilled') await server.value.stop();
    removePostgresFolder(stateDir);
    rmSync(stateDir, { recursive: true, force: true });
  };
  try {
    await writeServersFile(stateDir, unwrap(postgres), unwrap(temporal));
  } catch (error) {
    // Jest calls no teardown after a setup that failed.
    await stop();
    throw error;
  }
  return { stop };
}

async function writeServersFile(stateDir: string, postgres: EmbeddedPostgres, temporal: EmbeddedTemporal) {
  const logins = makeLogins();
  await provisionDatabase(postgres.url, 'tandem', logins);
  const file: ServersFile = {
    stateDir,
    postgresUrl: postgres.url,
    logins,
    temporalAddress: temporal.address,
    namespace: temporal.namespace,
  };
  process.env.TANDEM_TEST_STACK = join(stateDir, 'servers.json');
  writeFileSync(process.env.TANDEM_TEST_STACK, JSON.stringify(file), { mode: 0o600 });
}

function unwrap<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function sweep(): Promise<void> {
  const folders = memoryFolderRoots().flatMap((root) =>
    readdirSync(root)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => join(root, name)),
  );
  for (const folder of folders) {
    const owner = readProcessRecord(join(folder, 'pids', 'jest.json'));
    if (owner === null || isAlive(owner)) continue;
    const cluster = findCluster(folder);
    if (cluster !== null) await stopOrphanPostgres(cluster);
    const temporal = readProcessRecord(join(folder, 'pids', 'temporal.json'));
    if (temporal !== null) await endProcess(temporal);
    removePostgresFolder(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}
