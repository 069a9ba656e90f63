import type { Actor } from '../../domain/actor.ts';
import type { Terms } from '../../domain/contract/terms.ts';
import type { Tx } from '../transaction.ts';
import { everMergedIds } from './merged-ids.ts';

/** What a dossier gathers about: a partner, or some subjects by their ids. */
export interface DossierScope {
  partnerId?: string;
  subjectIds?: readonly string[];
  /** Lines of the record beside those about the partner or the subjects. */
  eventIds?: readonly string[];
}

/** One line of the record, with its place in the chain once it is sealed. */
export interface DossierEvent {
  id: string;
  seq: number | null;
  at: string;
  kind: string;
  actor: Actor;
  actorName: string;
  subject: { type: string; id: string };
  data: Record<string, unknown>;
  digest: string;
}

/** The record of a partner, or of these subjects, oldest first. */
export async function listDossierEvents(tx: Tx, scope: DossierScope): Promise<DossierEvent[]> {
  const { rows } = await tx.query<
    Omit<DossierEvent, 'actor' | 'subject'> & {
      actorKind: Actor['kind'];
      actorId: string | null;
      subjectType: string;
      subjectId: string;
    }
  >(
    `select e.id, s.seq, e.at, e.kind, e.actor_kind as "actorKind", e.actor_id as "actorId", coalesce(u.name, p.name, k.name, e.actor_kind) as "actorName",
       e.subject_type as "subjectType", e.subject_id as "subjectId", e.data, encode(e.digest, 'hex') as digest
     from event e
     left join event_sealed s on s.program_id = e.program_id and s.event_id = e.id
     left join app_user u on u.program_id = e.program_id and e.actor_kind = 'person' and u.id = e.actor_id
     left join partner p on p.program_id = e.program_id and e.actor_kind = 'partner' and p.id = e.actor_id
     left join api_key k on k.program_id = e.program_id and e.actor_kind = 'key' and k.id = e.actor_id
     where e.program_id = $1 and (($2::text is not null and (e.partner_id = $2 or e.subject_id = $2)) or e.subject_id = any ($3) or e.id = any ($4))
     order by e.at, e.id`,
    [tx.programId, scope.partnerId ?? null, scope.subjectIds ?? [], scope.eventIds ?? []],
  );
  return rows.map(({ actorKind, actorId, subjectType, subjectId, ...row }) => ({
    ...row,
    actor: actorId === null ? { kind: actorKind } : { kind: actorKind, id: actorId },
    subject: { type: subjectType, id: subjectId },
  }));
}

/**
 * The lines of the batches in which a conversion, its refunds and these touchpoints came in, and what told whose ids its person's are, taken back
 * or not: who sent them. Facts and line of a batch share its instant to the microsecond; of two batches that share it too both are named. Lines
 * from before they noted it are not found, nor who named a click that was stored only later.
 */
export async function findReceivingEvents(
  tx: Tx,
  conversionId: string,
  touchpoints: readonly { receivedAt: string }[],
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `with recursive person as (
       select identity_id as id from conversion where program_id = $1 and id = $2 and identity_id is not null
       union
       select e.other
       from person r
       ${everMergedIds(`'infinity'`)}
     ),
     fact as (
       select 'conversion.received' as kind, received_at from conversion where program_id = $1 and id = $2
       union
       select 'refund.received', r.received_at
       from conversion c join refund r on r.program_id = c.program_id and r.conversion_external_id = c.external_id
       where c.program_id = $1 and c.id = $2
       union
       select 'touchpoint.received', received_at from unnest($3::timestamptz[]) as received_at
       union
       select split_part(m.cause, '/', 1) || '.received', m.received_at
       from person r join identity_merge m on m.program_id = $1 and m.a_id = r.id
       where m.refused_reason is null
     )
     select e.id
     from fact f
     join event e on e.program_id = $1 and e.partner_id is null and e.at = date_trunc('milliseconds', f.received_at) and e.kind = f.kind
     where (e.data ->> 'receivedAt')::timestamptz = f.received_at`,
    [tx.programId, conversionId, touchpoints.map(({ receivedAt }) => receivedAt)],
  );
  return rows.map(({ id }) => id);
}

/** A decision that was asked for, and what was decided. */
export interface DossierDecision {
  taskId: string;
  kind: string;
  subject: { type: string; id: string };
  state: string;
  openedAt: string;
  outcome: string | null;
  reason: string | null;
  decidedByKind: string | null;
  decidedBy: string | null;
  decidedByName: string | null;
  decidedAt: string | null;
}

/** Every task about a partner, or about these subjects, oldest first. */
export async function listDossierDecisions(tx: Tx, scope: DossierScope): Promise<DossierDecision[]> {
  const { rows } = await tx.query<DossierDecision>(
    `select t.id as "taskId", t.kind, json_build_object('type', t.subject_type, 'id', t.subject_id) as subject, t.state, t.opened_at as "openedAt",
       t.outcome, t.reason, t.decided_by_kind as "decidedByKind", t.decided_by as "decidedBy", coalesce(u.name, p.name, t.decided_by) as "decidedByName",
       t.decided_at as "decidedAt"
     from task t
     left join app_user u on u.program_id = t.program_id and t.decided_by_kind = 'person' and u.id = t.decided_by
     left join partner p on p.program_id = t.program_id and t.decided_by_kind = 'partner' and p.id = t.decided_by
     where t.program_id = $1 and (t.partner_id = $2 or t.subject_id = any ($3))
     order by t.opened_at, t.id`,
    [tx.programId, scope.partnerId ?? null, scope.subjectIds ?? []],
  );
  return rows;
}

/** A version of a contract: its terms with their hash, from when it holds. */
export interface DossierContractVersion {
  contractId: string;
  partnerId: string;
  version: number;
  hash: string;
  terms: Terms;
  effectiveFrom: string | null;
  offeredAt: string;
}

/** The contract versions of these partners, oldest first. */
export async function listDossierContracts(tx: Tx, partnerIds: readonly string[]): Promise<DossierContractVersion[]> {
  const { rows } = await tx.query<DossierContractVersion>(
    `select v.contract_id as "contractId", c.partner_id as "partnerId", v.version, v.hash, v.terms, v.effective_from as "effectiveFrom",
       v.offered_at as "offeredAt"
     from contract c
     join contract_version v on v.program_id = c.program_id and v.contract_id = c.id
     where c.program_id = $1 and c.partner_id = any ($2)
     order by c.partner_id, v.offered_at, v.version`,
    [tx.programId, partnerIds],
  );
  return rows;
}

/** The histories of Temporal that belong to a partner or to these subjects. */
export async function listDossierRuns(
  tx: Tx,
  scope: DossierScope,
): Promise<
  { workflowId: string; runId: string; type: string; startedAt: string; status: string; sha256: string | null }[]
> {
  const { rows } = await tx.query<{
    workflowId: string;
    runId: string;
    type: string;
    startedAt: string;
    status: string;
    sha256: string | null;
  }>(
    `select r.workflow_id as "workflowId", r.run_id as "runId", r.type, r.started_at as "startedAt", r.status, a.sha256
     from workflow_run r
     left join history_archive a on a.program_id = r.program_id and a.workflow_id = r.workflow_id and a.run_id = r.run_id
     where r.program_id = $1 and (r.partner_id = $2 or r.subject_id = any ($3))
     order by r.started_at, r.run_id`,
    [tx.programId, scope.partnerId ?? null, scope.subjectIds ?? []],
  );
  return rows;
}
