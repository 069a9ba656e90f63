import type { Actor } from '../domain/actor.ts';
import { queueIntakeWork } from '../db/intake/work.ts';
import { findVersionInForce, insertContractFact, updateContractState } from '../db/queries/contract.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { Tx } from '../db/transaction.ts';
import { closeWindowsAtEnd } from './windows.ts';
import { currentWorkflow } from './workflow-context.ts';

/** Ends a contract in the caller's transaction, which has joined the intake barrier: the fact, the windows, and what the feed must look at again. */
export async function endContract(
  tx: Tx,
  end: { partnerId: string; contractId: string; at: string; receivedAt: string; actor: Actor },
): Promise<void> {
  const { partnerId, contractId, at, receivedAt, actor } = end;
  const version = await findVersionInForce(tx, contractId);
  if (version === undefined) return;
  const isNew = await insertContractFact(tx, { partnerId, contractId, kind: 'ended', version, at, receivedAt });
  if (!isNew) return;
  await updateContractState(tx, contractId, 'ended');
  await closeWindowsAtEnd(tx, partnerId, at, receivedAt);
  await queueIntakeWork(tx, [{ kind: 'range', partnerId, fromAt: at }], receivedAt);
  await recordEvent(tx, {
    kind: 'contract.ended',
    actor,
    subject: { type: 'contract', id: contractId },
    partnerId,
    data: { version },
    at,
    workflow: currentWorkflow(),
  });
}
