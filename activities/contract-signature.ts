import type { Actor } from '../domain/actor.ts';
import { amendmentHoldsFrom } from '../domain/contract/amendment.ts';
import { DomainError } from '../domain/errors.ts';
import { PartnerHistory } from '../db/attribution/partner-history.ts';
import { queueIntakeWork } from '../db/intake/work.ts';
import { joinIntake, lockPartnerBooks } from '../db/locks.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import {
  findContractVersion,
  insertContractFact,
  insertSignature,
  updateContractState,
} from '../db/queries/contract.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { EventKind } from '../domain/event/catalogue.ts';
import { queueMail } from '../db/queries/mail-outbox.ts';
import { insertConsent } from '../db/queries/signed-contract.ts';
import { partnerAddressee } from '../db/queries/task-audience.ts';
import { endWindowsBefore, forgetWindowsAhead } from '../db/queries/window-ahead.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { storeSignedContract } from './signed-contract.ts';
import { openWindowsThrough } from './windows.ts';
import { currentWorkflow } from './workflow-context.ts';
import { zoneOf } from './zone.ts';

const FOREVER = 'infinity';

export interface SignatureStep {
  programId: string;
  partnerId: string;
  contractId: string;
  version: number;
  hash: string;
  side: 'partner' | 'program';
  actor: Actor;
  /** Under which the signatory's name lies. */
  commandId: string;
  at: string;
}

export interface ForceStep {
  programId: string;
  partnerId: string;
  contractId: string;
  version: number;
  actor: Actor;
  /** A change by notice is told to the partner. */
  isNotice?: boolean;
  /** The partner accepted an amendment: its version gets both signatures and a copy like the contract's first one. */
  isConsent?: boolean;
  at: string;
}

/** From when a version holds, and when the contract expires by all its terms; absent when it does not. RFC 3339. */
export interface Force {
  from: string;
  expiresAt?: string;
}

/** Signatures, and the moment from which a version is in force. */
export function createContractSignatureActivities({ pool }: ActivityDeps) {
  return {
    /**
     * Stores who signed which hash; one signature per side and version. With the program's signature, the second one, the copy with
     * both is made and mailed to the partner.
     */
    async signContract(step: SignatureStep): Promise<void> {
      await inTransaction(pool, step.programId, async (tx) => {
        const input = await readCommandInput<{ data?: { signatoryName?: string; signatoryTitle?: string } }>(
          tx,
          step.commandId,
        );
        const { contractId, version, side, at, actor } = step;
        const isNew = await insertSignature(tx, {
          ...{ contractId, version, side, acceptedHash: step.hash, signedAt: at, signedBy: actor.id ?? actor.kind },
          signatoryName: input?.data.data?.signatoryName ?? '',
          signatoryTitle: input?.data.data?.signatoryTitle ?? null,
        });
        if (!isNew) return;
        if (side === 'partner') await updateContractState(tx, contractId, 'signed');
        await note(tx, step, side === 'partner' ? 'contract.signed' : 'contract.countersigned');
      });
      if (step.side === 'program') await storeSignedContract(pool, step);
    },

    /**
     * Puts a version in force from now or, of an amendment, from its later date on, as a fact under the intake barrier with what the
     * feed must look at again. Repeated, it finds the fact, and makes the copy of an amendment by consent if that is missing.
     * @returns from when it is in force, and when the contract expires now
     */
    async putInForce(step: ForceStep): Promise<Force> {
      const held = await inTransaction(pool, step.programId, async (tx) => {
        const from = await force(tx, step);
        const history = await PartnerHistory.load(tx, [step.partnerId], FOREVER);
        const expiresAt = history.expiryOf(step.partnerId, step.contractId, zoneOf);
        return { from, ...(expiresAt !== null && { expiresAt }) };
      });
      if (step.isConsent) await storeSignedContract(pool, step);
      return held;
    },
  };
}

/** @returns from when the version is in force */
async function force(tx: Tx, step: ForceStep): Promise<string> {
  const receivedAt = await joinIntake(tx);
  const { contractId, partnerId, version, at, actor } = step;
  // Before any row, as locks go: windows that are written ahead go only while nobody posts into them.
  await lockPartnerBooks(tx, [partnerId]);
  const row = await findContractVersion(tx, contractId, version);
  if (!row) throw new DomainError('not-found', `The contract has no version ${version}.`);
  const from = new Date(amendmentHoldsFrom(row.effectiveFrom ?? at, at)).toISOString();
  const fact = { partnerId, contractId, kind: 'in-force' as const, version, at: from, receivedAt };
  if (!(await insertContractFact(tx, fact))) return from;
  await updateContractState(tx, contractId, 'in_force');
  if (step.isConsent)
    await insertConsent(tx, { contractId, version, acceptedBy: actor.id ?? actor.kind, acceptedAt: at });
  await forgetWindowsAhead(tx, { partnerId, fromAt: from, receivedAt });
  await endWindowsBefore(tx, { partnerId, contractId, fromAt: from, receivedAt });
  await openWindowsThrough(tx, partnerId, at);
  await queueIntakeWork(tx, [{ kind: 'range', partnerId, fromAt: from }], receivedAt);
  await note(tx, step, 'contract.in-force', { from });
  if (step.isNotice) await mailNotice(tx, step, from);
  return from;
}

async function mailNotice(tx: Tx, { partnerId, contractId, version, at }: ForceStep, from: string): Promise<void> {
  const to = await partnerAddressee(tx, partnerId, at);
  if (!to) return;
  await queueMail(tx, {
    key: `contract/${contractId}/${version}/notice`,
    template: 'contract-notice',
    language: to.language,
    to: { name: to.name, address: to.address },
    data: { contractId, version, from },
    partnerId,
  });
}

async function note(
  tx: Tx,
  step: { partnerId: string; contractId: string; version: number; actor: Actor; at: string },
  kind: EventKind,
  data: Record<string, unknown> = {},
): Promise<void> {
  await recordEvent(tx, {
    kind,
    actor: step.actor,
    subject: { type: 'contract', id: step.contractId },
    partnerId: step.partnerId,
    data: { version: step.version, ...data },
    at: step.at,
    workflow: currentWorkflow(),
  });
}
