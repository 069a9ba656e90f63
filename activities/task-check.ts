import { mergeTerms } from '../domain/contract/terms.ts';
import type { TermsChanges } from '../domain/contract/terms.ts';

import { assertTermsChanges, assertTerms } from '../domain/contract/terms-document.ts';
import { scoreQuiz } from '../domain/enablement/quiz.ts';
import { DomainError } from '../domain/errors.ts';
import { taskDataFaults } from '../domain/task/data.ts';
import { findContractVersion } from '../db/queries/contract.ts';
import { findTrainingModule } from '../db/queries/enablement.ts';
import type { TaskRow } from '../db/queries/task.ts';
import type { Tx } from '../db/transaction.ts';

/**
 * Checks what came with a decision before it stands, so that the activity that carries it out cannot fail for its content.
 * @throws DomainError `invalid` with the path of each fault
 */
export async function assertDecisionData(
  tx: Tx,
  task: TaskRow,
  outcome: string,
  data: Record<string, unknown> | undefined,
): Promise<void> {
  const errors = taskDataFaults(task.kind, outcome, data);
  const [first] = errors;
  if (first) throw new DomainError('invalid', `${first.path}: ${first.message}`, { errors });
  if (task.kind.startsWith('contract.') && data?.changes) await assertChanges(tx, task, data.changes);
  if (task.kind === 'enablement.training') {
    const module = await findTrainingModule(tx, task.subject.id);
    if (module) scoreQuiz(module.questions, data?.answers, module.passMark);
  }
}

async function assertChanges(tx: Tx, task: TaskRow, changes: TermsChanges): Promise<void> {
  const version = Number(task.data.version);
  const base = await findContractVersion(tx, task.subject.id, version);
  assertTermsChanges(changes, 'data.changes', { currency: changes.currency ?? base?.terms.currency });
  if (base) assertTerms(mergeTerms(base.terms, changes), 'data.changes');
}
