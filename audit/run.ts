import type { Client } from '@temporalio/client';
import type { Pool } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { ATTRIBUTION_CHECKS } from './attribution.ts';
import { NotChecked } from './check.ts';
import type { Check, Evidence } from './check.ts';
import { LEDGER_CHECKS } from './ledger.ts';
import { PAYOUT_CHECKS } from './payouts.ts';
import { RECORD_CHECKS } from './workflows.ts';

export const CHECKS: readonly Check[] = [...LEDGER_CHECKS, ...ATTRIBUTION_CHECKS, ...PAYOUT_CHECKS, ...RECORD_CHECKS];

/** What became of one check: `ok`, `explained` where a person answered for all that looks wrong, the first `fault`, or why it was not made. */
export interface Finding {
  name: string;
  result: 'ok' | 'explained' | 'fault' | 'not-checked';
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
  for (const check of checks) {
    const { name } = check;
    try {
      const finding = await inTransaction(pool, programId, (tx) => findingOf(check, { tx, client, providerUrl }), {
        mode: 'snapshot',
        timeoutMs: TIMEOUT_MS,
      });
      findings.push({ name, ...finding });
    } catch (error) {
      if (!(error instanceof NotChecked)) throw error;
      findings.push({ name, result: 'not-checked', detail: error.message });
    }
  }
  return findings;
}

async function findingOf({ find, explained }: Check, evidence: Evidence): Promise<Omit<Finding, 'name'>> {
  const fault = await find(evidence);
  if (fault !== null) return { result: 'fault', detail: fault };
  const answer = (await explained?.(evidence)) ?? null;
  return { result: answer === null ? 'ok' : 'explained', detail: answer };
}
