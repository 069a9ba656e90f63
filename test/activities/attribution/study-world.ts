import {
  cutReevaluation,
  executeReevaluation,
  postReevaluation,
} from '../../../activities/attribution/reevaluation-run.ts';
import { runStudy } from '../../../activities/attribution/study-run.ts';
import { newId } from '../../../db/ids.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertEvaluation } from '../../../db/queries/evaluation.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
import { getStudy, insertRepeatedStudy, insertStudy } from '../../../db/queries/study.ts';
import type { Study } from '../../../db/queries/study.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Tx } from '../../../db/transaction.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import { World } from './world.ts';

export const FROM = '2026-01-01T00:00:00Z';
export const FIRST: Policy = { ...LINEAR, name: 'First', model: { kind: 'first' } };

/** A program whose past is studied and evaluated anew. */
export class StudyWorld extends World {
  /** Where studies and re-evaluations end; null: now. */
  until: string | null = null;

  async draft(body: Policy): Promise<string> {
    const id = newId('policy');
    await this.tx((tx) => insertPolicyDraft(tx, { id, body, createdBy: 'per_x' }));
    return id;
  }

  /** A study of everything since January, not begun. */
  async study(policyId: string, evaluationId: string | null = null): Promise<string> {
    const id = newId('study');
    await this.tx((tx) =>
      insertStudy(tx, { id, policyId, fromAt: FROM, toAt: this.until ?? this.now, requestedBy: 'per_x', evaluationId }),
    );
    return id;
  }

  async studied(body: Policy): Promise<Study> {
    return this.run(await this.study(await this.draft(body)));
  }

  async run(studyId: string): Promise<Study> {
    return runStudy(this.pool, this.programId, studyId, { now: this.now });
  }

  async repeated(of: string): Promise<Study> {
    const id = newId('study');
    await this.tx((tx) => insertRepeatedStudy(tx, { id, of, requestedBy: 'per_x' }));
    await this.run(id);
    return this.tx((tx) => getStudy(tx, id));
  }

  /** A re-evaluation of everything since January, not begun. */
  async evaluation(policyId: string, downward: 'recover' | 'waive' = 'recover', approvedStudyId: string | null = null) {
    const evaluationId = newId('evaluation');
    const studyId = await this.study(policyId, evaluationId);
    await this.tx((tx) =>
      insertEvaluation(tx, {
        id: evaluationId,
        policyId,
        studyId,
        approvedStudyId,
        fromAt: FROM,
        toAt: this.until ?? this.now,
        downward,
        feedbackId: null,
        requestedBy: 'per_x',
      }),
    );
    this.now = new Date().toISOString();
    return { evaluationId, studyId };
  }

  /** A whole re-evaluation, each step of it twice. @returns its id */
  async reevaluate(policyId: string, downward: 'recover' | 'waive' = 'recover'): Promise<string> {
    const { evaluationId, studyId } = await this.evaluation(policyId, downward);
    await this.cut(evaluationId);
    await this.run(studyId);
    await this.execute(evaluationId);
    await this.execute(evaluationId);
    await this.post(evaluationId);
    await this.post(evaluationId);
    return evaluationId;
  }

  cut(evaluationId: string) {
    return cutReevaluation(this.pool, this.programId, evaluationId, { now: this.now });
  }

  execute(evaluationId: string) {
    return executeReevaluation(this.pool, this.programId, evaluationId, this.now);
  }

  post(evaluationId: string) {
    return postReevaluation(this.pool, this.programId, evaluationId, { now: this.now });
  }

  tx<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return inTransaction(this.pool, this.programId, work);
  }
}

/** Two partners touch, a sale in February and one now; linear, ten percent. */
export async function aStory(pool: Pool, terms = tenPercent()) {
  const { programId, policyId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  const a = await aPartner(pool, programId, { terms });
  const b = await aPartner(pool, programId, { terms });
  const openAt = new Date(Date.parse(world.now) - 3_600_000).toISOString();
  const touchAt = new Date(Date.parse(world.now) - 7_200_000).toISOString();
  await world.touch(
    { id: 'a1', partnerId: a.partnerId, occurredAt: '2026-02-01T00:00:00Z' },
    { id: 'b1', partnerId: b.partnerId, occurredAt: '2026-02-02T00:00:00Z' },
    { id: 'a2', partnerId: a.partnerId, occurredAt: touchAt, identity: { customerId: 'd' } },
    { id: 'b2', partnerId: b.partnerId, occurredAt: openAt, identity: { customerId: 'd' } },
  );
  await world.sale('old', 12_000, '2026-02-10T00:00:00Z');
  await world.sale('new', 2_000, new Date(Date.parse(openAt) + 60_000).toISOString(), {
    identity: { customerId: 'd' },
  });
  await world.drain();
  return { world, policyId, a: a.partnerId, b: b.partnerId };
}
