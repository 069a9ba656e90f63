import type { Tx } from '../transaction.ts';
import { WAITS_FOR_END } from './former-currency.ts';
import { partnerBalances } from './ledger.ts';

/** Name of a partner, or undefined. */
export async function readPartnerName(tx: Tx, id: string): Promise<{ id: string; name: string } | undefined> {
  const { rows } = await tx.query<{ id: string; name: string }>(
    'select id, name from partner where program_id = $1 and id = $2',
    [tx.programId, id],
  );
  return rows[0];
}

/** Names of partners as they are today, by id; an id that no partner has is left out. */
export async function readPartnerNames(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<{ id: string; name: string }>(
    'select id, name from partner where program_id = $1 and id = any ($2)',
    [tx.programId, ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Those of the ids that no partner of the program has. */
export async function listMissingPartners(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select distinct asked.id
     from unnest($2::text[]) as asked (id)
     where not exists (select from partner p where p.program_id = $1 and p.id = asked.id)`,
    [tx.programId, ids],
  );
  return rows.map(({ id }) => id);
}

/** A partner as lists show it, with the profile that holds now. */
export interface PartnerView {
  id: string;
  externalId: string | null;
  name: string;
  email: string;
  type: string;
  country: string;
  market: string | null;
  channels: string[];
  verticals: string[];
  language: string | null;
  timeZone: string | null;
  currency: string | null;
  source: string | null;
  status: string;
  statusSince: string;
  statusReason: string | null;
  reapplyAfter: string | null;
  round: number;
  ownerId: string | null;
  tier: string | null;
  workflowId: string;
  createdAt: string;
}

const VIEW = `p.id, p.external_id as "externalId", p.name, p.email, p.type, p.country, p.market_code as market, p.channels, p.verticals,
  f.language, f.time_zone as "timeZone", f.currency, p.source, p.status, p.status_since as "statusSince",
  p.status_reason as "statusReason", p.reapply_after as "reapplyAfter", p.round, p.owner_id as "ownerId", p.tier,
  p.workflow_id as "workflowId", p.created_at as "createdAt"`;
const FROM = `from partner p left join lateral (
    select language, time_zone, currency from partner_profile f
    where f.program_id = p.program_id and f.partner_id = p.id
    order by f.effective_from > clock_timestamp(), case when f.effective_from <= clock_timestamp() then f.effective_from end desc,
      f.effective_from
    limit 1
  ) f on true`;

export async function findPartnerView(tx: Tx, id: string): Promise<PartnerView | undefined> {
  const { rows } = await tx.query<PartnerView>(`select ${VIEW} ${FROM} where p.program_id = $1 and p.id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0];
}

/** The partner with that external id or e-mail address, if there is one. */
export async function findSamePartner(
  tx: Tx,
  { externalId, email }: { externalId?: string; email: string },
): Promise<{ id: string; by: 'externalId' | 'email' } | undefined> {
  const { rows } = await tx.query<{ id: string; by: 'externalId' | 'email' }>(
    `select id, case when external_id = $2 then 'externalId' else 'email' end as by
     from partner where program_id = $1 and (external_id = $2 or lower(email) = lower($3))
     order by external_id = $2 desc nulls last limit 1`,
    [tx.programId, externalId ?? null, email],
  );
  return rows[0];
}

export interface PartnerFilter {
  id?: string;
  status?: string;
  type?: string;
  country?: string;
  market?: string;
  tier?: string;
  /** Part of the name, the e-mail address or the external id. */
  q?: string;
  afterId?: string;
  limit: number;
}

/** Partners, oldest first. */
export async function listPartnerViews(tx: Tx, filter: PartnerFilter): Promise<PartnerView[]> {
  const like = filter.q === undefined ? null : `%${filter.q.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const { rows } = await tx.query<PartnerView>(
    `select ${VIEW} ${FROM}
     where p.program_id = $1 and ($2::text is null or p.status = $2) and ($3::text is null or p.type = $3)
       and ($4::text is null or p.country = $4) and ($5::text is null or p.market_code = $5)
       and ($6::text is null or p.tier = $6)
       and ($7::text is null or p.name ilike $7 or p.email ilike $7 or p.external_id ilike $7)
       and ($8::text is null or p.id > $8) and ($10::text is null or p.id = $10)
     order by p.id limit $9`,
    [
      tx.programId,
      filter.status ?? null,
      filter.type ?? null,
      filter.country ?? null,
      filter.market ?? null,
      filter.tier ?? null,
      like,
      filter.afterId ?? null,
      filter.limit,
      filter.id ?? null,
    ],
  );
  return rows;
}

/** Whose turn it is: the open tasks of a partner, theirs and ours. */
export interface Waiting {
  taskId: string;
  kind: string;
  role: string;
  since: string;
  dueAt: string | null;
}

export async function readWaitingFor(tx: Tx, partnerId: string): Promise<Waiting[]> {
  const { rows } = await tx.query<Waiting>(
    `select id as "taskId", kind, role, opened_at as since, due_at as "dueAt"
     from task where program_id = $1 and partner_id = $2 and state = 'open' order by opened_at, id`,
    [tx.programId, partnerId],
  );
  return rows;
}

/** The contract of the current round, newest first, in short. */
export async function readCurrentContract(tx: Tx, partnerId: string) {
  const { rows } = await tx.query<{ id: string; state: string; version: number; inForceSince: string | null }>(
    `select c.id, c.state, c.current_version as version,
            (select min(at) from contract_fact f
             where f.program_id = c.program_id and f.contract_id = c.id and f.kind = 'in-force') as "inForceSince"
     from contract c where c.program_id = $1 and c.partner_id = $2 order by c.round desc, c.id desc limit 1`,
    [tx.programId, partnerId],
  );
  return rows[0] ?? null;
}

/** What the books hold of a partner, per account; null before there is a currency. */
export async function readBalance(tx: Tx, partnerId: string, currency: string | null) {
  if (currency === null) return null;
  const { pending, locked, payable, receivable } = await partnerBalances(tx, partnerId, currency);
  const money = (minor: number) => ({ minor, currency });
  return { pending: money(pending), locked: money(locked), payable: money(payable), receivable: money(receivable) };
}

/** When money is expected next: of a statement that is not paid yet, else of the first window whose commissions are on none. */
export async function readNextPayoutAt(tx: Tx, partnerId: string): Promise<string | null> {
  const { rows } = await tx.query<{ at: string | null }>(
    `select coalesce(
       (select min(expected_pay_at) from statement
        where program_id = $1 and partner_id = $2 and state in ('drawn', 'approved', 'held') and amount_minor > 0),
       (select min(w.pay_at) from attribution_window w
        where w.program_id = $1 and w.partner_id = $2 and exists (
          select from commission c where c.program_id = w.program_id and c.window_id = w.id and c.partner_id = w.partner_id
            and not (${WAITS_FOR_END})
            and not exists (select from statement_line l where l.program_id = c.program_id and l.commission_id = c.id)))
     ) as at`,
    [tx.programId, partnerId],
  );
  return rows[0]?.at ?? null;
}
