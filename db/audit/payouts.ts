import type { Tx } from '../transaction.ts';
import type { Fault } from './books.ts';

/** Two distinct persons stand behind every payout that left. */
export async function findPayoutOfOnePerson(tx: Tx): Promise<Fault> {
  const { rows } = await tx.query<{ fault: string }>(
    `select 'Payout ' || id || ' was approved by ' || coalesce(approved_by, 'nobody') || ' and released by ' || coalesce(released_by, 'nobody') || '.' as fault
     from payout
     where program_id = $1 and state not in ('approved', 'held', 'cancelled')
       and (approved_by is null or released_by is null or approved_by = released_by)
     limit 1`,
    [tx.programId],
  );
  return rows[0]?.fault ?? null;
}

/** The details that were released are the details that were approved. */
export async function findPayoutOfOtherDetails(tx: Tx): Promise<Fault> {
  const { rows } = await tx.query<{ fault: string }>(
    `select 'Payout ' || y.id || ' went to details that are not the ones it was released for.' as fault
     from payout y
     join payout_details d on d.program_id = y.program_id and d.id = y.details_id
     where y.program_id = $1 and y.state not in ('approved', 'held', 'cancelled') and d.hash <> y.details_hash
     limit 1`,
    [tx.programId],
  );
  return rows[0]?.fault ?? null;
}

/** No release took more than was payable: the balance right after it is not below zero. */
export async function findReleaseAbovePayable(tx: Tx): Promise<Fault> {
  const { rows } = await tx.query<{ fault: string }>(
    `with running as (
       select e.kind, e.cause, p.partner_id, p.currency,
         sum(case p.side when 'credit' then p.amount_minor else -p.amount_minor end)
           over (partition by p.partner_id, p.currency order by e.created_at, e.id rows unbounded preceding) as balance
       from ledger_posting p
       join ledger_entry e on e.program_id = p.program_id and e.id = p.entry_id
       where p.program_id = $1 and p.account = 'payable'
     )
     select cause || ' left ' || balance || ' payable to ' || partner_id || '.' as fault from running where kind = 'released' and balance < 0 limit 1`,
    [tx.programId],
  );
  return rows[0]?.fault ?? null;
}

export interface PaidPayout {
  id: string;
  state: string;
  amountMinor: number;
  currency: string;
  provider: string;
  /** What the provider moved, as we booked it; null until it is known. */
  movedMinor: number | null;
  /** Entries of the ledger by kind. */
  released: number;
  paid: number;
  undone: number;
  /** What finance said last about a difference, where that was an explanation. */
  explanation: PayoutExplanation | null;
}

/** A decision that a difference stays as it is: it speaks of what its task showed and of nothing that comes later. */
export interface PayoutExplanation {
  state: string;
  movedMinor: number | null;
  reason: string;
  by: string;
}

/** Payouts that were released, with what the ledger says of them. */
export async function listReleasedPayouts(tx: Tx): Promise<PaidPayout[]> {
  const { rows } = await tx.query<PaidPayout>(
    `select y.id, y.state, y.amount_minor as "amountMinor", y.currency, y.provider, y.moved_minor as "movedMinor",
       l.released, l.paid, l.undone, case when d.explains then d.explanation end as explanation
     from payout y
     cross join lateral (
       select count(*) filter (where e.kind = 'released') as released, count(*) filter (where e.kind = 'paid') as paid,
         count(*) filter (where e.kind in ('failed', 'returned')) as undone
       from ledger_entry e
       where e.program_id = y.program_id and e.subject_type = 'payout' and e.subject_id = y.id
     ) l
     left join lateral (
       select t.outcome = 'explain' as explains,
         json_build_object('state', t.data ->> 'state', 'movedMinor', (t.data -> 'moved' ->> 'minor')::bigint,
           'reason', coalesce(t.reason, 'no reason given'), 'by', t.decided_by) as explanation
       from task t
       where t.program_id = y.program_id and t.subject_type = 'payout' and t.subject_id = y.id
         and t.kind = 'reconciliation.difference' and t.state = 'done'
       order by t.decided_at desc
       limit 1
     ) d on true
     where y.program_id = $1 and y.released_at is not null
     order by y.id`,
    [tx.programId],
  );
  return rows;
}

export interface OpenTask {
  id: string;
  kind: string;
  workflowId: string;
}

/** Tasks that wait for somebody, whose workflows must wait for them. */
export async function listOpenTasks(tx: Tx): Promise<OpenTask[]> {
  const { rows } = await tx.query<OpenTask>(
    `select id, kind, workflow_id as "workflowId" from task where program_id = $1 and state = 'open' order by workflow_id, id`,
    [tx.programId],
  );
  return rows;
}

/** Closed runs whose history was not archived within an hour. */
export async function findLostHistory(tx: Tx): Promise<Fault> {
  const { rows } = await tx.query<{ fault: string }>(
    `select 'The history of ' || workflow_id || ' (run ' || run_id || ') was closed at ' || closed_at || ' and is not archived.' as fault
     from workflow_run
     where program_id = $1 and closed_at < clock_timestamp() - interval '1 hour' and archived_at is null
     limit 1`,
    [tx.programId],
  );
  return rows[0]?.fault ?? null;
}
