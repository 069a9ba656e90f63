import type { Terms } from '../../domain/contract/terms.ts';
import { instantText } from '../instant-text.ts';
import type { Tx } from '../transaction.ts';

export interface ContractView {
  id: string;
  partnerId: string;
  round: number;
  templateId: string;
  state: string;
  version: number;
  createdAt: string;
}

const VIEW = `id, partner_id as "partnerId", round, template_id as "templateId", state, current_version as version, created_at as "createdAt"`;

/** Contracts, oldest first. */
export async function listContracts(
  tx: Tx,
  filter: { partnerId?: string; afterId?: string; limit: number },
): Promise<ContractView[]> {
  const { rows } = await tx.query<ContractView>(
    `select ${VIEW} from contract
     where program_id = $1 and ($2::text is null or partner_id = $2) and ($3::text is null or id > $3)
     order by id limit $4`,
    [tx.programId, filter.partnerId ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows;
}

export async function findContractView(tx: Tx, id: string): Promise<ContractView | undefined> {
  const { rows } = await tx.query<ContractView>(`select ${VIEW} from contract where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0];
}

export interface ContractVersionView {
  version: number;
  terms: Terms;
  hash: string;
  effectiveFrom: string | null;
  /** The copy with both signatures once there is one, else what was offered. */
  documentId: string | null;
  documentIsSigned: boolean;
  reason: string | null;
  offeredAt: string;
  offeredBy: string;
  inForceSince: string | null;
  endedAt: string | null;
  signatures: {
    side: 'partner' | 'program';
    signatoryName: string;
    signatoryTitle: string | null;
    at: string;
    hash: string;
  }[];
}

/** Every version of a contract with its signatures and from when it is in force, first version first. */
export async function listContractVersions(tx: Tx, contractId: string): Promise<ContractVersionView[]> {
  const { rows } = await tx.query<ContractVersionView>(
    `select v.version, v.terms, v.hash, v.effective_from as "effectiveFrom", coalesce(d.document_id, v.document_id) as "documentId",
       d.document_id is not null as "documentIsSigned", v.reason,
       v.offered_at as "offeredAt", v.offered_by as "offeredBy",
       (select min(f.at) from contract_fact f where f.program_id = v.program_id and f.contract_id = v.contract_id
          and f.version = v.version and f.kind = 'in-force') as "inForceSince",
       (select min(f.at) from contract_fact f where f.program_id = v.program_id and f.contract_id = v.contract_id
          and f.version = v.version and f.kind = 'ended') as "endedAt",
       coalesce((select json_agg(json_build_object('side', s.side, 'signatoryName', s.signatory_name,
            'signatoryTitle', s.signatory_title, 'at', ${instantText('s.signed_at')},
            'hash', s.accepted_hash) order by s.signed_at)
          from contract_signature s where s.program_id = v.program_id and s.contract_id = v.contract_id
            and s.version = v.version), '[]') as signatures
     from contract_version v
     left join signed_contract d on d.program_id = v.program_id and d.contract_id = v.contract_id and d.version = v.version
     where v.program_id = $1 and v.contract_id = $2 order by v.version`,
    [tx.programId, contractId],
  );
  return rows;
}

export interface TemplateView {
  id: string;
  name: string;
  version: number;
  partnerTypes: string[];
  terms: Terms;
  body: string;
  active: boolean;
  createdAt: string;
}

const TEMPLATE = `id, name, version, partner_types as "partnerTypes", terms, body, active, created_at as "createdAt"`;

/** Contract templates, oldest first. */
export async function listTemplates(
  tx: Tx,
  filter: { id?: string; afterId?: string; limit: number },
): Promise<TemplateView[]> {
  const { rows } = await tx.query<TemplateView>(
    `select ${TEMPLATE} from contract_template
     where program_id = $1 and ($2::text is null or id = $2) and ($3::text is null or id > $3) order by id limit $4`,
    [tx.programId, filter.id ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows;
}

/** Adds a template; one of the same name gets the next version and the older ones rest. The same id again changes nothing. */
export async function insertTemplate(
  tx: Tx,
  template: { id: string; name: string; partnerTypes: string[]; terms: Terms; body: string },
): Promise<void> {
  const { rowCount } = await tx.query(
    `insert into contract_template (program_id, id, name, version, partner_types, terms, body)
     select $1, $2, $3, coalesce((select max(version) from contract_template where program_id = $1 and name = $3), 0) + 1, $4, $5, $6
     on conflict (program_id, id) do nothing`,
    [tx.programId, template.id, template.name, template.partnerTypes, template.terms, template.body],
  );
  if (rowCount === 0) return;
  await tx.query('update contract_template set active = false where program_id = $1 and name = $2 and id <> $3', [
    tx.programId,
    template.name,
    template.id,
  ]);
}
