import type { Client } from '@temporalio/client';
import type { Tx } from '../db/transaction.ts';

/** What a check may look at, all as of one snapshot of the database. */
export interface Evidence {
  tx: Tx;
  /** Null where no Temporal server is known. */
  client: Client | null;
  /** Where the sandbox provider shows its book; null where none is known. */
  providerUrl: string | null;
}

/** Says why a check could not be made; anything else that is thrown is a fault of the audit itself. */
export class NotChecked extends Error {}

/** One invariant of settlement.md §7: its name as a sentence, and the first fault or null. */
export interface Check {
  name: string;
  find(evidence: Evidence): Promise<string | null>;
  /** What looks like a fault and was explained by a person, as a sentence; null where nothing was. */
  explained?(evidence: Evidence): Promise<string | null>;
}
