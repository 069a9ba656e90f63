import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createContractSignatureActivities } from '../../activities/contract-signature.ts';
import type { SignatureStep } from '../../activities/contract-signature.ts';
import { taskQueues } from '../../activities/deps.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import { startLateSettlements } from '../../activities/late-settlement.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { hold } from '../db/concurrency/held.ts';
import { eventually } from '../support/eventually.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { killHard, spawnScript } from '../support/script.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { startTestClient } from '../support/temporal-client.ts';
import type { TestPostgres } from '../support/postgres.ts';
import type { TestTemporalClient } from '../support/temporal-client.ts';
import { World } from './attribution/world.ts';

let postgres: TestPostgres;
let temporal: TestTemporalClient;
let pool: Pool;
let root: pg.Client;
beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestClient()]);
  pool = createPool({ url: postgres.url });
  root = new pg.Client({ connectionString: postgres.superuserUrl });
  await root.connect();
});
afterAll(async () => {
  await Promise.all([pool.end(), root.end(), temporal.stop()]);
  await postgres.stop();
});

const deps = () =>
  ({
    pool,
    client: temporal.client,
    taskQueues: taskQueues(temporal.prefix),
    providers: {},
  }) as unknown as ActivityDeps;
const victim = (what: string, argument: object, temporalAddress: string) =>
  spawnScript('test/activities/cut-short-process.ts', [what, JSON.stringify(argument)], {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporalAddress,
    TASK_QUEUE_PREFIX: temporal.prefix,
  });

describe('a worker that is killed', () => {
  it('between the second signature and the copy leaves the signature, and the next attempt makes the one copy', async () => {
    const { programId } = await aProgram(pool);
    const { partnerId, contractId } = await aPartner(pool, programId);
    const step: SignatureStep = {
      ...{ programId, partnerId, contractId, version: 1, hash: 'h', side: 'program' },
      actor: { kind: 'person', id: 'per_lena' },
      commandId: 'cmd_1',
      at: '2026-03-01T00:00:00Z',
    };
    const counts = async () => {
      const { rows } = await root.query(
        `select (select count(*) from contract_signature where contract_id = $1) as signatures,
           (select count(*) from signed_contract where contract_id = $1) as copies,
           (select count(*) from mail_outbox where template = 'contract-signed' and partner_id = $2) as mails`,
        [contractId, partnerId],
      );
      return rows[0];
    };
    // Who holds the partner's row keeps the copy's transaction from ending; the signature's is over by then.
    const partner = await hold(pool, programId);
    await partner.tx.query('select 1 from partner where id = $1 for no key update', [partnerId]);
    const worker = victim('sign', step, temporal.address);
    await eventually(async () => {
      const { rows } = await root.query(
        `select 1 from pg_stat_activity where application_name = 'cut-short' and wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(1);
    }, 60_000);
    await killHard(worker);
    await partner.rollback();
    expect(await counts()).toEqual({ signatures: '1', copies: '0', mails: '0' });

    const { signContract } = createContractSignatureActivities(deps());
    await signContract(step);
    await signContract(step);
    expect(await counts()).toEqual({ signatures: '1', copies: '1', mails: '1' });
  }, 180_000);

  it('at the start of a late settlement leaves the rows, by which the next look starts it, once', async () => {
    const { programId } = await aProgram(pool);
    const world = new World(pool, programId);
    const { partnerId } = await aPartner(pool, programId);
    await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
    await world.sale('s1', 10_000, '2026-03-10T00:00:00Z');
    await world.drain();
    // A contract that ended, with its final statement drawn before the sale was posted.
    const [window] = await world.rows<{ id: string; no: number }>(
      `update attribution_window set is_final = true where id = (select window_id from commission) returning id, no`,
    );
    await world.rows(
      `insert into statement (program_id, id, partner_id, window_id, kind, currency, carry_in_minor, carry_in_gross_minor, net_minor, vat_mode,
         vat_rate_bps, vat_minor, gross_minor, amount_minor, carry_out_minor, carry_out_gross_minor, state, drawn_at, expected_pay_at)
       values ($1, 'stm_1', $2, $3, 'final', 'EUR', 0, 0, 0, 'none', 0, 0, 0, 0, 0, 0, 'empty', now(), now())`,
      [programId, partnerId, window!.id],
    );
    const deaf = await aDeafServer();
    const worker = victim('settle', { programId }, deaf.address);
    await deaf.called;
    await killHard(worker);
    deaf.server.close();

    const { client } = temporal;
    const workflowId = `settlement/${partnerId}/${window!.no}`;
    await expect(client.workflow.getHandle(workflowId).describe()).rejects.toThrow();
    expect(await startLateSettlements(deps(), programId)).toBe(1);
    const { runId, status } = await client.workflow.getHandle(workflowId).describe();
    expect(status.name).toBe('RUNNING');
    // Killed right after the start: the run has noted nothing yet, is found again, and not started again.
    expect(await startLateSettlements(deps(), programId)).toBe(1);
    expect((await client.workflow.getHandle(workflowId).describe()).runId).toBe(runId);
    await inTransaction(pool, programId, (tx) =>
      tx.query(
        `insert into workflow_run (program_id, workflow_id, run_id, type, subject_type, subject_id, partner_id) values ($1, $2, $3, 'settlement', 'window', $4, $5)`,
        [programId, workflowId, runId, window!.id, partnerId],
      ),
    );
    expect(await startLateSettlements(deps(), programId)).toBe(0);
    await client.workflow.getHandle(workflowId).terminate('the test is over');
  }, 60_000);
});

/** Takes calls and never answers: whoever calls is between its read and Temporal's answer. */
async function aDeafServer(): Promise<{ address: string; called: Promise<unknown>; server: Server }> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, called: once(server, 'connection'), server };
}
