import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { runStudy } from '../../../activities/attribution/study-run.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { newId } from '../../../db/ids.ts';
import { insertEvaluation } from '../../../db/queries/evaluation.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
import { getStudy, insertRepeatedStudy, insertStudy } from '../../../db/queries/study.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { cancelReevaluation } from '../../../workflows/messages.ts';
import { eventually } from '../../support/eventually.ts';
import { LINEAR } from '../../support/ground.ts';
import { MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

/** Sales that the founding policy gives to the mail, and a re-evaluation that gives half of each to the partner. */
async function anEvaluation(acme: Programme, { body = LINEAR, sales = 1 }: { body?: Policy; sales?: number } = {}) {
  const partnerId = await acme.partner();
  const identity = { customerId: 'c-1' };
  await acme.touch(
    { id: 'p', partnerId, identity, occurredAt: acme.daysAgo(1.9) },
    { id: 'm', channel: 'system_email', identity, occurredAt: acme.daysAgo(1.5) },
  );
  const orders = Array.from({ length: sales }, (_, no) => ({
    externalId: `order-${no + 1}`,
    identity,
    type: 'purchase',
    value: { minor: 10_000 + (no % 7), currency: 'EUR' },
    occurredAt: acme.daysAgo(1),
  }));
  for (let from = 0; from < sales; from += 1_000)
    await intakeConversions(stage.pool, acme.programId, orders.slice(from, from + 1_000));
  await acme.drain();
  const [evaluationId, studyId] = [newId('evaluation'), newId('study')];
  const range = { fromAt: acme.daysAgo(3), toAt: acme.now };
  await inTransaction(stage.pool, acme.programId, async (tx) => {
    const { id: policyId } = await insertPolicyDraft(tx, { id: newId('policy'), body, createdBy: 'per_x' });
    await insertStudy(tx, { id: studyId, policyId, ...range, requestedBy: 'per_x', evaluationId });
    const more = { approvedStudyId: null, downward: 'recover' as const, feedbackId: null, requestedBy: 'per_x' };
    await insertEvaluation(tx, { id: evaluationId, policyId, studyId, ...range, ...more });
  });
  return { partnerId, evaluationId, studyId };
}

const start = (acme: Programme, evaluationId: string) =>
  stage.environment.client.workflow.start('reevaluation', {
    taskQueue: 'money-test',
    workflowId: `reevaluation/${evaluationId}`,
    args: [{ programId: acme.programId, evaluationId }],
  });

describe('a re-evaluation', () => {
  it('posts the difference once, however often it is started', async () => {
    const acme = await Programme.open(stage);
    const { partnerId, evaluationId } = await anEvaluation(acme);

    const first = await (await start(acme, evaluationId)).result();
    const second = await (await start(acme, evaluationId)).result();

    expect([first, second]).toEqual(['done', 'done']);
    expect(await acme.commission(partnerId, 'order-1')).toBe(500);
    const rows = await acme.rows('select kind, amount_minor from commission where amount_minor <> 0');
    expect(rows).toEqual([{ kind: 'adjustment', amount_minor: 500 }]);
  });

  it('of many sales is done in shards, which give to the cent what its study gives in one piece', async () => {
    const acme = await Programme.open(stage);
    const { partnerId, evaluationId, studyId } = await anEvaluation(acme, { sales: 2_600 });

    const handle = await start(acme, evaluationId);
    expect(await handle.result()).toBe('done');

    const { events } = await handle.fetchHistory();
    const asked = events!.map(({ activityTaskScheduledEventAttributes: asked }) => asked?.activityType?.name ?? '');
    for (const step of ['creditStudyShard', 'priceStudyShard'])
      expect(asked.filter((name) => name === step)).toHaveLength(2);
    const again = newId('study');
    await inTransaction(stage.pool, acme.programId, (tx) =>
      insertRepeatedStudy(tx, { id: again, of: studyId, requestedBy: 'per_x' }),
    );
    const inOnePiece = await runStudy(stage.pool, acme.programId, again, { now: acme.now });
    const study = await inTransaction(stage.pool, acme.programId, (tx) => getStudy(tx, studyId));
    expect(study).toMatchObject({ conversions: 2_600, totals: inOnePiece.totals, digest: inOnePiece.digest });
    const { before, after } = study.totals!.commission;
    const posted = await acme.rows(
      'select partner_id, count(*) as n, sum(amount_minor)::bigint as minor from commission where evaluation_id = $1 group by 1',
      [evaluationId],
    );
    expect(posted).toEqual([{ partner_id: partnerId, n: 2_600, minor: after.minor - before.minor }]);
    expect(after.minor).toBeGreaterThan(before.minor);
  }, 240_000);

  it('posts nothing when it is cancelled before it is carried out, and cannot be cancelled afterwards', async () => {
    const acme = await Programme.open(stage);
    const { partnerId, evaluationId } = await anEvaluation(acme);
    await acme.rows(`update evaluation set state = 'cancelled' where id = $1`, [evaluationId]);

    expect(await (await start(acme, evaluationId)).result()).toBe('cancelled');
    expect(await acme.commission(partnerId, 'order-1')).toBe(0);

    const other = await Programme.open(stage);
    const done = await anEvaluation(other);
    const handle = await start(other, done.evaluationId);
    await handle.result();
    const cancel = handle.executeUpdate(cancelReevaluation, {
      args: [{ commandId: 'cmd_x', actor: { kind: 'person', id: 'per_x' } }],
    });
    await expect(cancel).rejects.toThrow();
    expect((await other.rows('select state from evaluation'))[0]).toEqual({ state: 'done' });
  });

  it('stops in the middle of a shard when it is cancelled, and has posted nothing', async () => {
    const acme = await Programme.open(stage);
    const { partnerId, evaluationId, studyId } = await anEvaluation(acme);
    const blocker = new pg.Client(stage.postgres.superuserUrl);
    await blocker.connect();
    await blocker.query('begin; lock table study_line in share mode');
    const handle = await start(acme, evaluationId);
    const waiting = () =>
      blocker.query(
        `select 1 from pg_locks where relation = 'study_line'::regclass and mode = 'RowExclusiveLock' and not granted`,
      );
    await eventually(async () => expect((await waiting()).rowCount).toBe(1));

    await handle.executeUpdate(cancelReevaluation, {
      args: [{ commandId: 'cmd_x', actor: { kind: 'person', id: 'per_x' } }],
    });
    await blocker.query('commit');
    await blocker.end();

    expect(await handle.result()).toBe('cancelled');
    const [row] = await acme.rows(
      `select e.state, s.state as study, s.pricing_at, (select count(*) from study_line l where l.study_id = s.id and l.window_state is not null) as priced
       from study s join evaluation e on e.study_id = s.id where s.id = $1`,
      [studyId],
    );
    expect(row).toEqual({ state: 'cancelled', study: 'cancelled', pricing_at: null, priced: 0 });
    expect(await acme.commission(partnerId, 'order-1')).toBe(0);
    expect(await acme.rows(`select 1 from commission where kind = 'adjustment'`)).toEqual([]);
  });

  it('fails, with the reason and nothing posted, when its policy cannot be carried out', async () => {
    const acme = await Programme.open(stage);
    // How long a month is cannot be said without a calendar; the API takes no such draft.
    const inMonths: Policy = { ...LINEAR, lookback: { ...LINEAR.lookback, default: 'P1M' } };
    const { evaluationId, studyId } = await anEvaluation(acme, { body: inMonths });

    expect(await (await start(acme, evaluationId)).result()).toBe('failed');

    const [row] = await acme.rows<{ state: string; study: string; failure: string }>(
      'select e.state, s.state as study, s.failure from study s join evaluation e on e.study_id = s.id where s.id = $1',
      [studyId],
    );
    expect(row).toMatchObject({ state: 'failed', study: 'failed', failure: expect.stringContaining('months') });
    expect(await acme.rows(`select 1 from commission where kind = 'adjustment'`)).toEqual([]);
  });
});
