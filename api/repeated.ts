import { readCommandInput } from '../db/queries/command-input.ts';
import type { Tx } from '../db/transaction.ts';
import type { Call } from './route.ts';

/**
 * Whether this very command was handed over before: then what it changed is no reason to refuse it, and its workflow gives the first
 * result again.
 */
export async function isRepeated(tx: Tx, call: Pick<Call, 'commandId'>): Promise<boolean> {
  return (await readCommandInput(tx, call.commandId)) !== undefined;
}
