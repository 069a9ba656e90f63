import { createHash } from 'node:crypto';
import type { Actor } from '../domain/actor.ts';
import { mergeTerms } from '../domain/contract/terms.ts';
import type { Terms, TermsChanges } from '../domain/contract/terms.ts';
import { assertTerms } from '../domain/contract/terms-document.ts';
import { DomainError } from '../domain/errors.ts';
import { canonicalJson } from '../domain/json/canonical.ts';
import { newId } from '../db/ids.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import {
  ensureContract,
  findContractTemplate,
  findContractVersion,
  findVersionInForce,
  insertContractVersion,
  updateContractState,
} from '../db/queries/contract.ts';
import type { ContractState } from '../db/queries/contract.ts';
import { insertDocument } from '../db/queries/document.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { EventKind } from '../domain/event/catalogue.ts';
import { lockPartner } from '../db/queries/partner.ts';
import type { PartnerRow } from '../db/queries/partner.ts';
import { readProfileAt } from '../db/queries/partner-profile.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { renderContract } from './documents/contract-pdf.ts';
import { currentWorkflow } from './workflow-context.ts';

/** What a partner is asked to accept: exactly this version, known by its hash. */
export interface Offer {
  contractId: string;
  version: number;
  hash: string;
  /** Of an amendment: from when it shall hold. */
  effectiveFrom?: string;
}

export interface OfferRequest {
  programId: string;
  partnerId: string;
  round: number;
  version: number;
  actor: Actor;
  /** Under which the changes lie (`data.changes` of a decision, `changes` of an amendment); absent for the template's own terms. */
  changesId?: string;
  /** Of an amendment: the contract that it changes. */
  contractId?: string;
  at: string;
}

interface ChangesInput {
  reason?: string;
  changes?: TermsChanges;
  effectiveFrom?: string;
  data?: { changes?: TermsChanges };
}

interface Draft {
  partner: PartnerRow;
  contractId: string;
  terms: Terms;
  body: string;
  hash: string;
  reason: string | null;
  effectiveFrom: string | null;
  language: string;
  programName: string;
}

/** Offers of contracts and their endings before anything came into force. */
export function createContractActivities({ pool }: ActivityDeps) {
  return {
    /**
     * Offers a version: the template's terms in the partner's currency, or the version before with changes. The PDF is made outside
     * of a transaction; the same version again is found.
     * @throws DomainError `invalid` when the changed terms do not hold together
     */
    async offerContract(request: OfferRequest): Promise<Offer> {
      const { programId, version, at, actor } = request;
      const draft = await inTransaction(pool, programId, (tx) => draftVersion(tx, request));
      if ('offered' in draft) return draft.offered;
      const { contractId, terms, body, hash, reason, effectiveFrom } = draft;
      const bytes = await renderContract({ ...draft, partnerName: draft.partner.name, version, signatures: [] });
      const documentId = newId('document');
      return inTransaction(pool, programId, async (tx) => {
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        await insertDocument(tx, { id: documentId, kind: 'contract', mediaType: 'application/pdf', sha256, bytes });
        const isNew = await insertContractVersion(tx, {
          ...{ contractId, version, terms, hash, body, effectiveFrom, documentId, reason },
          offeredAt: at,
          offeredBy: actor.id ?? actor.kind,
        });
        if (isNew) await note(tx, request, 'contract.offered', { contractId, version, hash });
        return { contractId, version, hash, ...(effectiveFrom !== null && { effectiveFrom }) };
      });
    },

    /** Notes that an offer came to nothing. */
    async closeOffer(about: {
      programId: string;
      partnerId: string;
      contractId: string;
      state: Extract<ContractState, 'refused' | 'expired'>;
      actor: Actor;
      at: string;
    }): Promise<void> {
      await inTransaction(pool, about.programId, async (tx) => {
        await updateContractState(tx, about.contractId, about.state);
        await note(tx, about, `contract.${about.state}`, { contractId: about.contractId });
      });
    },
  };
}

async function draftVersion(tx: Tx, request: OfferRequest): Promise<Draft | { offered: Offer }> {
  const partner = await lockPartner(tx, request.partnerId);
  const template = await findContractTemplate(tx, partner.type);
  const contractId =
    request.contractId ??
    (template && (await ensureContract(tx, { partnerId: partner.id, round: request.round, templateId: template.id })));
  if (!contractId) throw new DomainError('conflict', 'There is no active contract template for this type of partner.');
  const known = await findContractVersion(tx, contractId, request.version);
  if (known) {
    const { version, hash, effectiveFrom } = known;
    return { offered: { contractId, version, hash, ...(effectiveFrom !== null && { effectiveFrom }) } };
  }
  const profile = await readProfileAt(tx, partner.id, request.at);
  // An amendment changes what is in force: what was proposed before and declined is not part of it.
  const basis = request.contractId === undefined ? request.version - 1 : await findVersionInForce(tx, contractId);
  const before = basis ? await findContractVersion(tx, contractId, basis) : undefined;
  const base = before?.terms ?? (template && inCurrency(template.terms, profile.currency));
  if (!base) throw new DomainError('conflict', 'There is no version before this one to change.');
  const input = request.changesId ? (await readCommandInput<ChangesInput>(tx, request.changesId))?.data : undefined;
  const changes = input?.changes ?? input?.data?.changes ?? {};
  const terms = assertTerms(mergeTerms(base, changes), 'changes');
  const body = before?.body ?? template?.body ?? '';
  return {
    partner,
    contractId,
    terms,
    body,
    hash: createHash('sha256')
      .update(canonicalJson({ contractId, version: request.version, terms, body }))
      .digest('hex'),
    reason: input?.reason ?? null,
    effectiveFrom: input?.effectiveFrom ?? null,
    language: profile.language,
    programName: (await readProgramFrame(tx)).name,
  };
}

/** The template's terms in the partner's currency; a template with amounts of its own keeps its currency. */
function inCurrency(terms: Terms, currency: string | null): Terms {
  if (currency === null || currency === terms.currency) return terms;
  try {
    return assertTerms(mergeTerms(terms, { currency }));
  } catch (error) {
    if (error instanceof DomainError) return terms;
    throw error;
  }
}

async function note(
  tx: Tx,
  about: { partnerId: string; actor: Actor; at: string },
  kind: EventKind,
  { contractId, ...data }: { contractId: string } & Record<string, unknown>,
): Promise<void> {
  await recordEvent(tx, {
    kind,
    actor: about.actor,
    subject: { type: 'contract', id: contractId },
    partnerId: about.partnerId,
    data,
    at: about.at,
    workflow: currentWorkflow(),
  });
}
