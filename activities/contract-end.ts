import type { Actor } from '../domain/actor.ts';
import { queueIntakeWork } from '../db/intake/work.ts';
import { lockWindowsOf } from '../db/locks.ts';
import { findVersionInForce, insertContractFact, updateContractState } from '../db/queries/contract.ts';
import { recordEvent } from '../db/queries/event.ts';
import { isWindowTaken } from '../db/queries/window.ts';
import type { Tx } from '../db/transaction.ts';
import { closeWindowsAtEnd } from './windows.ts';
import { currentWorkflow } from './workflow-context.ts';

interface ContractEnd {
  partnerId: string;
  contractId: string;
  /** When the journey took this step. */
  at: string;
  /** When the terms were over, for a contract that expires; at or before `at`. */
  expiresAt?: string;
  receivedAt: string;
  actor: Actor;
}

/** Ends a contract in the caller's transaction, which has joined the intake barrier: the fact, the windows, and what the feed must look at again. */
export async function endContract(tx: Tx, end: ContractEnd): Promise<void> {
  const { partnerId, contractId, expiresAt, receivedAt, actor } = end;
  const version = await findVersionInForce(tx, contractId);
  if (version === undefined) return;
  const at = await endOf(tx, end);
  const isNew = await insertContractFact(tx, { partnerId, contractId, kind: 'ended', version, at, receivedAt });
  if (!isNew) return;
  await updateContractState(tx, contractId, 'ended');
  await closeWindowsAtEnd(tx, partnerId, at, receivedAt);
  await queueIntakeWork(tx, [{ kind: 'range', partnerId, fromAt: at }], receivedAt);
  const event = {
    ...{ actor, partnerId, at: end.at, workflow: currentWorkflow() },
    subject: { type: 'contract' as const, id: contractId },
  };
  if (expiresAt !== undefined)
    await recordEvent(tx, { ...event, kind: 'contract.term-over', data: { until: expiresAt } });
  await recordEvent(tx, { ...event, kind: 'contract.ended', data: { version } });
}

/**
 * From when the contract has ended. A contract that expires ends when its terms are over, unless the workers were away so long that a
 * window from then on has closed or holds something: what was stated or earned stands, and the contract ends with this step.
 */
async function endOf(tx: Tx, { partnerId, at, expiresAt, receivedAt }: ContractEnd): Promise<string> {
  if (expiresAt === undefined) return at;
  await lockWindowsOf(tx, partnerId);
  return (await isWindowTaken(tx, { partnerId, fromAt: expiresAt, now: receivedAt })) ? at : expiresAt;
}
