import { DomainError } from '../../domain/errors.ts';
import { SHARES } from '../../domain/attribution/shares.ts';
import type { Money } from '../../domain/money/money.ts';
import type { Tx } from '../transaction.ts';

/** One credit as clients read it. `supersededBy`: the generation after it, null while it is in force. */
export interface CreditView {
  beneficiary: { kind: 'partner' | 'channel' | 'program'; id: string; name: string };
  channel: string;
  share: number;
  value: Money;
  policyId: string | null;
  policyName: string | null;
  policyVersion: number | null;
  evaluationId: string | null;
  generation: number;
  supersededBy: number | null;
}

/** One refund of a conversion as clients read it; `waiting` until the feed decided. */
export interface RefundView {
  externalId: string;
  state: 'applied' | 'refused' | 'waiting';
  value: Money | null;
  reason: string | null;
  refundReason: string;
  occurredAt: string;
}

/** A conversion with its credits in force, in the shape of the API. */
export interface ConversionView {
  id: string;
  externalId: string;
  state: 'open' | 'locked';
  type: string;
  value: Money;
  remaining: Money;
  newCustomer: boolean | null;
  vertical: string | null;
  country: string | null;
  product: string | null;
  parentExternalId: string | null;
  occurredAt: string;
  receivedAt: string;
  policyId: string | null;
  policyName: string | null;
  policyVersion: number | null;
  evaluationId: string | null;
  locksAt: string | null;
  credits: CreditView[];
  refunds: RefundView[];
}

export interface ConversionFilter {
  externalId?: string;
  /** With a credit in force for this partner. */
  partnerId?: string;
  type?: string;
  state?: 'open' | 'locked';
  from?: string;
  to?: string;
  afterId?: string;
  limit: number;
}

interface Row extends Omit<ConversionView, 'value' | 'remaining' | 'credits' | 'refunds'> {
  valueMinor: number;
  remainingMinor: number;
  currency: string;
}

const CONVERSION = `
  select c.id, c.external_id as "externalId", c.type, c.value_minor as "valueMinor", c.currency, c.new_customer as "newCustomer", c.vertical,
    c.country, c.product, c.parent_external_id as "parentExternalId", c.occurred_at as "occurredAt", c.received_at as "receivedAt",
    s.policy_id as "policyId", a.name as "policyName", a.version as "policyVersion", s.evaluation_id as "evaluationId", s.locks_at as "locksAt",
    coalesce(case when s.generation > 0 then s.remaining_minor end, c.value_minor) as "remainingMinor",
    case when s.locks_at <= k.sealed_at then 'locked' else 'open' end as state
  from conversion c
  join program_clock k on k.program_id = c.program_id
  left join conversion_state s on s.program_id = c.program_id and s.conversion_id = c.id
  left join attribution_policy a on a.program_id = c.program_id and a.id = s.policy_id
  where c.program_id = $1`;

/** Conversions by id, oldest first. */
export async function listConversions(tx: Tx, filter: ConversionFilter): Promise<ConversionView[]> {
  const { rows } = await tx.query<Row>(
    `${CONVERSION}
       and ($2::text is null or c.external_id = $2)
       and ($3::text is null or exists (
         select from credit x
         where x.program_id = $1 and x.conversion_id = c.id and x.conversion_at = c.occurred_at and x.generation = s.generation
           and x.beneficiary_kind = 'partner' and x.beneficiary_id = $3
       ))
       and ($4::text is null or c.type = $4)
       and ($5::text is null or ($5 = 'locked') = coalesce(s.locks_at <= k.sealed_at, false))
       and ($6::timestamptz is null or c.occurred_at >= $6) and ($7::timestamptz is null or c.occurred_at < $7)
       and ($8::text is null or c.id > $8)
     order by c.id
     limit $9`,
    [
      tx.programId,
      filter.externalId ?? null,
      filter.partnerId ?? null,
      filter.type ?? null,
      filter.state ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.afterId ?? null,
      filter.limit,
    ],
  );
  return withDetails(tx, rows, false);
}

/** @param isSupersededShown all generations instead of those in force. @throws DomainError `not-found` */
export async function getConversion(tx: Tx, id: string, isSupersededShown = false): Promise<ConversionView> {
  const { rows } = await tx.query<Row>(`${CONVERSION} and c.id = $2`, [tx.programId, id]);
  const [view] = await withDetails(tx, rows, isSupersededShown);
  if (!view) throw new DomainError('not-found', `There is no conversion ${id}.`);
  return view;
}

async function withDetails(tx: Tx, rows: readonly Row[], isSupersededShown: boolean): Promise<ConversionView[]> {
  const ids = rows.map(({ id }) => id);
  const credits = await readCreditViews(tx, ids, isSupersededShown);
  const refunds = await readRefundViews(tx, ids);
  return rows.map(({ valueMinor, remainingMinor, currency, ...row }) => ({
    ...row,
    value: { minor: valueMinor, currency },
    remaining: { minor: remainingMinor, currency },
    credits: credits.get(row.id) ?? [],
    refunds: refunds.get(row.id) ?? [],
  }));
}

async function readCreditViews(
  tx: Tx,
  ids: readonly string[],
  isSupersededShown: boolean,
): Promise<Map<string, CreditView[]>> {
  const { rows } = await tx.query<Omit<CreditView, 'share'> & { conversionId: string; shareE12: number }>(
    `select c.id as "conversionId", k.channel, k.share_e12 as "shareE12", json_build_object('minor', k.value_minor, 'currency', k.currency) as value,
       json_build_object('kind', k.beneficiary_kind, 'id', k.beneficiary_id, 'name', coalesce(p.name, k.beneficiary_id)) as beneficiary,
       k.policy_id as "policyId", a.name as "policyName", a.version as "policyVersion", k.evaluation_id as "evaluationId", k.generation,
       case when k.generation < s.generation then k.generation + 1 end as "supersededBy"
     from conversion c
     join conversion_state s on s.program_id = c.program_id and s.conversion_id = c.id
     join credit k on k.program_id = c.program_id and k.conversion_id = c.id and k.conversion_at = c.occurred_at
       and (k.generation = s.generation or $3)
     left join attribution_policy a on a.program_id = k.program_id and a.id = k.policy_id
     left join partner p on p.program_id = k.program_id and k.beneficiary_kind = 'partner' and p.id = k.beneficiary_id
     where c.program_id = $1 and c.id = any ($2)
     order by c.id, k.generation desc, k.share_e12 desc, k.beneficiary_id, k.channel`,
    [tx.programId, ids, isSupersededShown],
  );
  const views = new Map<string, CreditView[]>();
  for (const { conversionId, shareE12, ...row } of rows) {
    views.set(conversionId, [...(views.get(conversionId) ?? []), { ...row, share: shareE12 / SHARES }]);
  }
  return views;
}

async function readRefundViews(tx: Tx, ids: readonly string[]): Promise<Map<string, RefundView[]>> {
  const { rows } = await tx.query<RefundView & { conversionId: string }>(
    `select c.id as "conversionId", r.external_id as "externalId", coalesce(d.state, 'waiting') as state, d.reason, r.reason as "refundReason",
       r.occurred_at as "occurredAt",
       case when coalesce(d.value_minor, r.value_minor) is not null
         then json_build_object('minor', coalesce(d.value_minor, r.value_minor), 'currency', c.currency) end as value
     from conversion c
     join refund r on r.program_id = c.program_id and r.conversion_external_id = c.external_id
     left join refund_decision d on d.program_id = r.program_id and d.refund_id = r.id
     where c.program_id = $1 and c.id = any ($2)
     order by c.id, r.received_at, r.id`,
    [tx.programId, ids],
  );
  const views = new Map<string, RefundView[]>();
  for (const { conversionId, ...row } of rows) views.set(conversionId, [...(views.get(conversionId) ?? []), row]);
  return views;
}
