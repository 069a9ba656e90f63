import { createHash } from 'node:crypto';
import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import { canonicalJson } from '../domain/json/canonical.ts';
import { detailsHoldUntil } from '../domain/settlement/hold.ts';
import { joinBooks, lockPartnerBooks } from '../db/locks.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { EventKind } from '../domain/event/catalogue.ts';
import { listApprovedPayouts } from '../db/queries/payout.ts';
import {
  findPayoutDetails,
  hadVerifiedDetails,
  insertPayoutDetails,
  rejectPayoutDetailsRow,
  replaceVerifiedDetails,
} from '../db/queries/payout-details.ts';
import type { GivenDetails, PayoutDetailsRow } from '../db/queries/payout-details.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { cancelPayout } from './payout-release.ts';
import { currentWorkflow } from './workflow-context.ts';

export interface DetailsDecision {
  programId: string;
  detailsId: string;
  by: Actor;
  at: string;
}

/** Payout details: given by the partner, in force only once a person of finance verified them. */
export function createPayoutDetailsActivities({ pool }: ActivityDeps) {
  return {
    /** Stores what the partner gave with the task's decision; the same decision again finds it. */
    async storePayoutDetails(given: {
      programId: string;
      partnerId: string;
      commandId: string;
      at: string;
    }): Promise<{ detailsId: string }> {
      return inTransaction(pool, given.programId, async (tx) => {
        const input = await readCommandInput<{ data?: GivenDetails }>(tx, given.commandId);
        const details = input?.data.data;
        if (!details) throw new DomainError('not-found', 'The payout details of this decision are gone.');
        const hash = createHash('sha256').update(canonicalJson(details)).digest('hex');
        const detailsId = await insertPayoutDetails(tx, given.partnerId, details, { hash, at: given.at });
        await note(tx, { id: detailsId, partnerId: given.partnerId }, 'payout-details.submitted', {
          actor: { kind: 'partner', id: given.partnerId },
          at: given.at,
        });
        return { detailsId };
      });
    },

    /**
     * Puts the details in force. Details that replace others void the approvals that stand and make payouts wait for the
     * programme's `detailsHold`; the first ones start no hold. Repeated, it finds them verified.
     */
    async verifyPayoutDetails({ programId, detailsId, by, at }: DetailsDecision): Promise<void> {
      await inTransaction(pool, programId, async (tx) => {
        const details = await existing(tx, detailsId);
        await joinBooks(tx);
        await lockPartnerBooks(tx, [details.partnerId]);
        if (details.state !== 'submitted') return;
        const { settings } = await readProgramFrame(tx);
        const isFirstVerified = !(await hadVerifiedDetails(tx, details.partnerId));
        const holdMs = detailsHoldUntil({ atMs: Date.parse(at), isFirstVerified }, settings.durations.detailsHold);
        const holdUntil = holdMs === null ? null : new Date(holdMs).toISOString();
        await replaceVerifiedDetails(tx, details, { by: by.id ?? by.kind, at, holdUntil });
        await note(tx, details, 'payout-details.verified', { actor: by, at, holdUntil });
        for (const payout of await listApprovedPayouts(tx, details.partnerId))
          await cancelPayout(tx, payout, 'details-changed', at);
      });
    },

    async rejectPayoutDetails({ programId, detailsId, by, at }: DetailsDecision): Promise<void> {
      await inTransaction(pool, programId, async (tx) => {
        const details = await existing(tx, detailsId);
        if (details.state !== 'submitted') return;
        await rejectPayoutDetailsRow(tx, detailsId, by.id ?? by.kind, at);
        await note(tx, details, 'payout-details.rejected', { actor: by, at });
      });
    },
  };
}

async function existing(tx: Tx, id: string): Promise<PayoutDetailsRow> {
  const details = await findPayoutDetails(tx, id);
  if (!details) throw new DomainError('not-found', `There are no payout details ${id}.`);
  return details;
}

async function note(
  tx: Tx,
  details: { id: string; partnerId: string },
  kind: EventKind,
  { actor, at, ...data }: { actor: Actor; at: string } & Record<string, unknown>,
): Promise<void> {
  await recordEvent(tx, {
    kind,
    actor,
    subject: { type: 'payout-details', id: details.id },
    partnerId: details.partnerId,
    data,
    at,
    workflow: currentWorkflow(),
  });
}
