import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { createTransport } from 'nodemailer';
import { createPool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import {
  answerSurvey,
  completeTraining,
  givePayoutDetails,
  invitePartner,
  signContract,
  waitForStatus,
} from '../../demo/steps/partner.ts';
import { decide, openTask } from '../../demo/steps/task.ts';
import { createTeam } from '../../demo/steps/team.ts';
import { removePostgresFolder } from '../../runtime/embedded/postgres-folder.ts';
import { findFreePort } from '../../runtime/free-port.ts';
import { isAlive } from '../../runtime/process-record.ts';
import type { Access } from '../../stack/seed/access.ts';
import { eventually } from '../support/eventually.ts';
import { makeRunFolder, readServersFile } from '../support/servers-file.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { Tree } from '../support/tree.ts';

const PARTS = ['postgres', 'temporal', 'mailbox', 'provider', 'worker', 'api'];

describe('npm start', () => {
  let tree: Tree;

  beforeAll(async () => {
    Tree.build();
    tree = new Tree(makeRunFolder('tree-'), await findFreePort());
    await tree.start(['--fast']);
  }, 300_000);
  afterAll(async () => {
    await tree.signal('SIGINT');
    removePostgresFolder(tree.stateDir);
    rmSync(tree.stateDir, { recursive: true, force: true });
  });

  function ports(): { smtp: number; inbox: number; provider: number } {
    return JSON.parse(readFileSync(join(tree.stateDir, 'ports.json'), 'utf8')) as ReturnType<typeof ports>;
  }

  async function readItems(url: string): Promise<unknown[]> {
    return ((await (await fetch(url)).json()) as { items: unknown[] }).items;
  }

  it('runs every part as a process of its own whose command line says what it is', () => {
    const lines = PARTS.map((name) =>
      execFileSync('ps', ['-o', 'command=', '-p', String(tree.part(name).pid)]).toString(),
    );
    expect(lines).toEqual([
      expect.stringContaining('postgres'),
      expect.stringContaining('temporal server start-dev'),
      expect.stringMatching(/node dist\/stack\/mailbox\/main\.js/),
      expect.stringMatching(/node dist\/stack\/provider\/main\.js/),
      expect.stringMatching(/node dist\/worker\/main\.js/),
      expect.stringMatching(/node dist\/api\/main\.js/),
    ]);
  });

  it('prints what runs where and writes it for scripts, readable by its owner alone', () => {
    const access = tree.access();
    expect(access).toMatchObject({ baseUrl: `http://localhost:${tree.port}`, apiKey: expect.any(String) });
    expect(statSync(join(tree.stateDir, 'access.json')).mode & 0o777).toBe(0o600);
    for (const word of [access.baseUrl, '/docs', 'Temporal UI', access.mailUrl, access.providerUrl, access.apiKey]) {
      expect(tree.output).toContain(word);
    }
  });

  it.each(PARTS)('brings %s back within ten seconds of a kill -9, and says so', async (name) => {
    const killed = tree.part(name);
    process.kill(killed.pid, 'SIGKILL');
    await eventually(() => expect(isAlive(killed)).toBe(false));
    const said = new RegExp(`${name} .*starting it again[\\s\\S]*${name} runs again`);
    await eventually(() => expect(tree.output).toMatch(said), 10_000);
    // Temporal chooses ports of its own, and ends when somebody takes one first: then it is started once more.
    await eventually(() => expect(tree.livingPart(name)).toBeDefined(), 10_000);
    await eventually(async () => expect(await tree.isReady()).toBe(true), 10_000);
  });

  it('has another program made by a command, once, with keys that work and that its owner alone can read', async () => {
    const file = join(tree.stateDir, 'access-Second-Shop.json');
    const args = ['stack/program-create.ts', '--fast', '--name', 'Second Shop', '--state', tree.stateDir];
    const create = () =>
      spawnSync('node_modules/.bin/tsx', args, {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: tree.stateDir },
      });
    const made = create();
    expect(made).toMatchObject({ status: 0, stdout: expect.stringContaining(file) });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    const access = JSON.parse(text) as Access;
    expect(access.programId).not.toBe(tree.access().programId);
    for (const { apiKey, role } of access.people) {
      const me = await fetch(`${access.baseUrl}/v1/me`, { headers: { authorization: `Bearer ${apiKey}` } });
      expect(await me.json()).toMatchObject({ program: { id: access.programId, name: 'Second Shop' }, role });
    }
    expect(create()).toMatchObject({ status: 1, stderr: expect.stringContaining('was made before') });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('does not start twice on one state folder', async () => {
    const second = new Tree(tree.stateDir, await findFreePort());
    expect(await second.run()).toBe(1);
    expect(second.output).toMatch(/already runs on .*process \d+.*--state/);
    expect(await tree.isReady()).toBe(true);
  });

  it('names a taken port and the way out', async () => {
    const other = new Tree(makeRunFolder('tree-'), tree.port);
    expect(await other.run()).toBe(1);
    expect(other.output).toContain(`Port ${tree.port} for the API is taken`);
    expect(other.output).toContain('npm start -- --port');
    rmSync(other.stateDir, { recursive: true, force: true });
  });

  it('refuses production', async () => {
    const other = new Tree(makeRunFolder('tree-'), await findFreePort());
    expect(await other.run([], { TANDEM_ENV: 'production' })).toBe(1);
    expect(other.output).toMatch(/never for production/);
    rmSync(other.stateDir, { recursive: true, force: true });
  });

  it('comes back after a kill -9 of the whole tree with everything that it had', async () => {
    const before = tree.access();
    const mail = createTransport(`smtp://127.0.0.1:${ports().smtp}`);
    await mail.sendMail({ from: 'a@example.org', to: 'kept@example.org', subject: 'kept', text: 'kept' });
    mail.close();
    const identity = JSON.parse(readFileSync(join(tree.stateDir, 'identity.json'), 'utf8')) as {
      providerSecret: string;
    };
    await fetch(`${before.providerUrl}/payments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${identity.providerSecret}` },
      body: JSON.stringify({ key: 'kept', amount: { minor: 1, currency: 'EUR' }, account: 'kept' }),
    });
    // It stands still first, or it would start again what it sees dying.
    process.kill(tree.part('supervisor').pid, 'SIGSTOP');
    for (const { pid } of tree.living()) process.kill(pid, 'SIGKILL');
    await tree.signal('SIGKILL');

    await tree.start();
    const after = tree.access();
    expect(after.people.map((person) => person.apiKey)).toEqual(before.people.map((person) => person.apiKey));
    expect([after.mailUrl, after.providerUrl]).toEqual([before.mailUrl, before.providerUrl]);
    expect(await readItems(`${after.mailUrl}/messages?to=kept@example.org`)).toHaveLength(1);
    expect(await readItems(`${after.providerUrl}/payments?key=kept`)).toHaveLength(1);
  });

  it('clears what a kill -9 of the supervisor alone leaves behind', async () => {
    const old = PARTS.map((name) => tree.part(name));
    await tree.signal('SIGKILL');
    // Ours end by themselves; the servers stay until the next start.
    const ours = old.filter((record) => record.command.startsWith('node '));
    await eventually(() => expect(ours.filter(isAlive)).toEqual([]), 20_000);
    expect(old.filter(isAlive).map((record) => record.command)).toEqual(['postgres', 'temporal']);
    await tree.start();
    expect(old.filter(isAlive)).toEqual([]);
    expect(await tree.isReady()).toBe(true);
  });

  it('stops everything on Ctrl-C and ends with 0', async () => {
    const all = tree.living();
    expect(await tree.signal('SIGINT')).toBe(0);
    expect(all.length).toBe(PARTS.length + 1);
    expect(all.filter(isAlive)).toEqual([]);
  });
});

describe('npm start with servers elsewhere', () => {
  let tree: Tree;
  let postgres: Awaited<ReturnType<typeof startTestPostgres>>;
  let second: ChildProcess | undefined;
  let connection: Connection;

  beforeAll(async () => {
    Tree.build();
    postgres = await startTestPostgres();
    connection = await Connection.connect({ address: readServersFile().temporalAddress });
    tree = new Tree(makeRunFolder('tree-'), await findFreePort());
    await tree.start(['--fast'], {
      DATABASE_URL: postgres.url,
      MIGRATION_DATABASE_URL: postgres.ownerUrl,
      TEMPORAL_ADDRESS: readServersFile().temporalAddress,
      // Nobody listens there: a mail server that is down.
      SMTP_URL: `smtp://127.0.0.1:${await findFreePort()}`,
    });
  }, 300_000);
  afterAll(async () => {
    second?.kill('SIGKILL');
    await connection.close();
    await tree.signal('SIGTERM');
    await postgres.stop();
    rmSync(tree.stateDir, { recursive: true, force: true });
  });

  it('embeds nothing and starts only provider, worker and API', () => {
    const commands = tree.living().map((record) => record.command);
    expect(commands.toSorted()).toEqual([
      'node dist/api/main.js',
      'node dist/stack/provider/main.js',
      'node dist/worker/main.js',
      'npm start',
    ]);
    const names = readdirSync(tree.stateDir);
    expect(names.filter((name) => ['postgres', 'temporal', 'mail'].includes(name))).toEqual([]);
  });

  it('leads a partner to active while the mail server is down, and goes on when the one of two workers that holds it is killed', async () => {
    const team = createTeam(tree.access());
    const first = tree.part('worker');
    second = spawn(process.execPath, ['dist/worker/main.js'], { env: environmentOf(first.pid), stdio: 'ignore' });
    const both = [first.pid, second.pid!];
    const client = new Client({ connection });
    await eventually(
      async () => expect(await pollersOf(client, 'journeys')).toEqual(expect.arrayContaining(both)),
      60_000,
    );
    const partner = await invitePartner(team, {
      name: 'Mira Films',
      email: 'mira@partners.example',
      type: 'creator',
      country: 'DE',
    });
    await openTask(partner.api, 'partner.survey', { partnerId: partner.id });
    await answerSurvey(partner, {
      audienceSize: 9_000,
      channels: ['video'],
      verticals: ['marketing'],
      regions: ['DE'],
    });
    await decide(team.manager, 'application.decision', { partnerId: partner.id }, 'approve', { reason: 'Fits.' });
    const holder = await holderOf(client, `partner/${partner.id}`);
    expect(both).toContain(holder);
    process.kill(holder, 'SIGKILL');
    await signContract(team, partner);
    await completeTraining(partner);
    await givePayoutDetails(team, partner);
    await waitForStatus(team, partner, 'active');

    const pool = createPool({ url: postgres.url, size: 1 });
    const { rows } = await inTransaction(pool, tree.access().programId, (tx) =>
      tx.query<{ state: string }>('select distinct state from mail_outbox'),
    );
    await pool.end();
    expect(rows).toEqual([{ state: 'queued' }]);
  }, 180_000);

  it('ends with 0 on a signal', async () => {
    expect(await tree.signal('SIGTERM')).toBe(0);
  });
});

const pidOf = (identity: string | null | undefined) => Number(identity?.split('@')[0]);

/** Process ids of the workers that ask a queue for work. */
async function pollersOf({ workflowService, options }: Client, name: string): Promise<number[]> {
  const asked = { namespace: options.namespace, taskQueue: { name }, taskQueueType: 1 };
  const { pollers } = await workflowService.describeTaskQueue(asked);
  return (pollers ?? []).map(({ identity }) => pidOf(identity));
}

/** The process that carried a run on last, and has it in memory: what wakes the run is given to it first. */
async function holderOf({ workflow }: Client, workflowId: string): Promise<number> {
  const { events } = await workflow.getHandle(workflowId).fetchHistory();
  const done = (events ?? []).flatMap((event) => event.workflowTaskCompletedEventAttributes ?? []);
  return pidOf(done.at(-1)?.identity);
}

/** What a process was started with, the channel to its supervisor left out: a worker beside it gets the same. */
function environmentOf(pid: number): NodeJS.ProcessEnv {
  const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  const pairs = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return Object.fromEntries(pairs.filter(([name]) => !name!.startsWith('NODE_CHANNEL')));
}
