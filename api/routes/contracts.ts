import { assertNotPast } from '../../domain/contract/amendment.ts';
import { assertTermsChanges } from '../../domain/contract/terms-document.ts';
import { DomainError } from '../../domain/errors.ts';
import { documentDiff } from '../../domain/json/difference.ts';
import { assertNotFarAhead } from '../../domain/time/far-ahead.ts';
import { PartnerHistory } from '../../db/attribution/partner-history.ts';
import { findContractView, listContracts, listContractVersions } from '../../db/queries/contract-read.ts';
import { findDocument } from '../../db/queries/document.ts';
import type { Tx } from '../../db/transaction.ts';
import { amendContract } from '../../workflows/messages.ts';
import { partnerFilter, reading } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { amended, amendment, contract, contractDetail, contractQuery } from '../contracts/contract.ts';
import { preferred } from '../media-type.ts';
import { listById } from '../list.ts';
import { toWorkflowOfPartner } from '../partner-command.ts';
import { READERS_AND_PARTNER } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import type { Answer } from '../route.ts';
import { refusedFields } from '../validate.ts';
import { zoneOf } from '../zone.ts';

/** An amendment "from now" was written down a moment before it arrives. */
const CLOCK_SKEW_MS = 5 * 60_000;

export const CONTRACT_ROUTES = [
  route({
    id: 'contracts.list',
    method: 'get',
    path: '/v1/contracts',
    tag: 'Partners',
    summary: 'Contracts, by partner',
    roles: READERS_AND_PARTNER,
    query: contractQuery,
    answer: { status: 200, schema: pageOf(contract) },
    handle: (call) => {
      const partnerId = partnerFilter(call, call.query.partnerId);
      return listById(call, (tx, page) => listContracts(tx, { partnerId, ...page }));
    },
  }),
  route({
    id: 'contracts.get',
    method: 'get',
    path: '/v1/contracts/{id}',
    tag: 'Partners',
    summary: 'One contract: versions, what changed, signatures; as PDF the newest version, signed once it is',
    roles: READERS_AND_PARTNER,
    subject: { kind: 'contract', param: 'id' },
    answer: { status: 200, schema: contractDetail, mediaTypes: ['application/pdf'] },
    handle: (call) =>
      reading(call, async (tx) => {
        const { id } = call.params;
        const view = (await findContractView(tx, id))!;
        if (preferred(call.request, 'application/pdf') === 'application/pdf') return pdfOf(tx, id, view.version);
        const expiresAt = await expiryOf(tx, view.partnerId, id);
        return ok({ ...view, expiresAt, versions: await showVersions(tx, id) });
      }),
  }),
  route({
    id: 'contracts.document',
    method: 'get',
    path: '/v1/contracts/{id}/versions/{version}/document',
    tag: 'Partners',
    summary: 'The PDF of one version, with both signatures once there are two',
    roles: READERS_AND_PARTNER,
    subject: { kind: 'contract', param: 'id' },
    answer: { status: 200, mediaTypes: ['application/pdf'] },
    handle: (call) => reading(call, (tx) => pdfOf(tx, call.params.id, Number(call.params.version))),
  }),
  route({
    id: 'contracts.amend',
    method: 'post',
    path: '/v1/contracts/{id}/amendments',
    tag: 'Partners',
    summary: 'Changes the contract in force: with consent (propose) or by notice (replace)',
    roles: ['owner', 'partner_manager', 'legal'],
    subject: { kind: 'contract', param: 'id' },
    body: amendment,
    answer: { status: 201, schema: amended },
    handle: async (call) => {
      const { mode, ...data } = call.body;
      const changes = assertTermsChanges(data.changes, 'changes');
      if (Object.keys(changes).length === 0) {
        throw refusedFields([{ path: 'changes', message: 'Name at least one thing that changes.' }]);
      }
      assertNotPast(data.effectiveFrom, new Date(Date.now() - CLOCK_SKEW_MS).toISOString());
      assertNotFarAhead(data.effectiveFrom, new Date().toISOString(), 'effectiveFrom');
      const contractId = call.params.id;
      const view = (await reading(call, (tx) => findContractView(tx, contractId)))!;
      const result = await toWorkflowOfPartner(call, view.partnerId, {
        update: amendContract,
        payload: { contractId, mode },
        input: { kind: 'contract.amend', subjectId: contractId, data },
      });
      return created(result);
    },
  }),
];

async function expiryOf(tx: Tx, partnerId: string, contractId: string): Promise<string | null> {
  const history = await PartnerHistory.load(tx, [partnerId], 'infinity');
  return history.expiryOf(partnerId, contractId, zoneOf);
}

async function showVersions(tx: Tx, contractId: string) {
  const versions = await listContractVersions(tx, contractId);
  return versions.map(({ documentId, ...version }, index) => ({
    ...version,
    documentUrl: documentId === null ? null : `/v1/contracts/${contractId}/versions/${version.version}/document`,
    diff: index === 0 ? [] : documentDiff(versions[index - 1]!.terms, version.terms),
  }));
}

async function pdfOf(tx: Tx, contractId: string, version: number): Promise<Answer> {
  const found = (await listContractVersions(tx, contractId)).find((one) => one.version === version);
  const document = found?.documentId ? await findDocument(tx, found.documentId) : undefined;
  if (!document) throw new DomainError('not-found', `There is no document of version ${version}.`);
  const headers = { 'Content-Disposition': `inline; filename="contract-${version}.pdf"` };
  return { status: 200, bytes: document.bytes, mediaType: 'application/pdf', headers };
}
