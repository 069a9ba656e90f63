import type { Client } from '@temporalio/client';
import type { Pool } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { ATTRIBUTION_CHECKS } from './attribution.ts';
import { NotChecked } from './check.ts';
import type { Check } from './check.ts';
import { LEDGER_CHECKS } from './ledger.ts';
import { PAYOUT_CHECKS } from './payouts.ts';
import { RECORD_CHECKS } from './workflows.ts';

export const CHECKS: readonly Check[] = [...LEDGER_CHECKS, ...ATTRIBUTION_CHECKS, ...PAYOUT_CHECKS, ...RECORD_CHECKS];

/** What became of one check: `ok`, the first `fault`, or why it was not made. */
export interface Finding {
  name: string;
  result: 'ok' | 'fault' | 'not-checked';
  detail: string | null;
}

export interface AuditContext {
  pool: Pool;
  client: Client | null;
  providerUrl: string | null;
}

/** A whole program is read again: a long read-only snapshot. */
const TIMEOUT_MS = 30 * 60_000;

/** Checks every invariant of a program (settlement.md §7), each in a snapshot of its own, so that a slow one holds nothing back. */
export async function auditProgram(
  { pool, client, providerUrl }: AuditContext,
  programId: string,
  checks = CHECKS,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, find } of checks) {
    try {
      const fault = await inTransaction(pool, programId, (tx) => find({ tx, client, providerUrl }), {
        mode: 'snapshot',
        timeoutMs: TIMEOUT_MS,
      });
      findings.push({ name, result: fault === null ? 'ok' : 'fault', detail: fault });
    } catch (error) {
      if (!(error instanceof NotChecked)) throw error;
      findings.push({ name, result: 'not-checked', detail: error.message });
    }
  }
  return findings;
}
