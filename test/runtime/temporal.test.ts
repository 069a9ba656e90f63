import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBinarySettings, readConfig } from '../../runtime/config.ts';
import type { EmbeddedTemporal } from '../../runtime/embedded/temporal.ts';
import { startTemporal } from '../../runtime/embedded/temporal.ts';
import { resolveTemporalBinary } from '../../runtime/embedded/temporal-binary.ts';
import { findFreePort } from '../../runtime/free-port.ts';
import { isAlive } from '../../runtime/process-record.ts';
import { createTemporalClient, temporalOptions } from '../../runtime/temporal.ts';

describe('the embedded Temporal server', () => {
  let stateDir: string;
  let binary: string;
  let server: EmbeddedTemporal;

  beforeAll(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'tandem-temporal-'));
    binary = (await resolveTemporalBinary({ kind: 'cli', ...readBinarySettings('cli') })).path;
    server = await startTemporal({ binary, stateDir });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  const connect = () => createTemporalClient(readConfig({ TEMPORAL_ADDRESS: server.address }));

  it('keeps a workflow that was started right before a kill -9', async () => {
    const client = connect();
    const { firstExecutionRunId } = await client.workflow.start('anything', { taskQueue: 'none', workflowId: 'kept' });
    process.kill(server.process.pid, 'SIGKILL');
    await server.ended;
    await client.connection.close();
    server = await startTemporal({ binary, stateDir });
    const again = connect();
    const { runId, status } = await again.workflow.getHandle('kept').describe();
    await again.connection.close();
    expect([runId, status.name]).toEqual([firstExecutionRunId, 'RUNNING']);
  });

  it('stops a server that a killed parent left behind', async () => {
    const orphan = server;
    server = await startTemporal({ binary, stateDir });
    expect(isAlive(orphan.process)).toBe(false);
  });

  it('knows the search attributes that operators filter by', async () => {
    const client = connect();
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace: 'default' });
    await client.connection.close();
    expect(Object.keys(customAttributes ?? {})).toEqual(
      expect.arrayContaining(['ProgramId', 'PartnerId', 'Stage', 'WaitingFor']),
    );
  });

  it('serves its web UI', async () => {
    expect((await fetch(server.uiUrl!)).status).toBe(200);
  });

  it('names the port when it is taken', async () => {
    const port = await findFreePort();
    const squatter = createServer().listen(port, '127.0.0.1');
    const other = mkdtempSync(join(tmpdir(), 'tandem-temporal-'));
    await expect(startTemporal({ binary, stateDir: other, port })).rejects.toThrow(
      `Port ${port} for Temporal is taken`,
    );
    squatter.close();
    rmSync(other, { recursive: true, force: true });
  });
});

describe('the way to a Temporal server', () => {
  it('follows the variables of Temporal itself: namespace, API key, TLS', () => {
    const environment = { TEMPORAL_ADDRESS: 'cloud.test:7233', TEMPORAL_NAMESPACE: 'ours', TEMPORAL_API_KEY: 'key' };
    const options = temporalOptions(readConfig(environment), environment);
    expect(options.namespace).toBe('ours');
    expect(options.connectionOptions).toMatchObject({ address: 'cloud.test:7233', apiKey: 'key', tls: true });
  });

  it('says which variable is missing when there is none', () => {
    expect(() => temporalOptions(readConfig({}), {})).toThrow(/TEMPORAL_ADDRESS is not set/);
  });
});
