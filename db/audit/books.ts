import type { Tx } from '../transaction.ts';

/** The first row that breaks a rule, as a sentence; null when none does. */
export type Fault = string | null;

async function firstFault(tx: Tx, text: string, values: unknown[] = []): Promise<Fault> {
  const { rows } = await tx.query<{ fault: string }>(text, [tx.programId, ...values]);
  return rows[0]?.fault ?? null;
}

/** Debits equal credits in every entry, and every entry has one currency. */
export async function findUnbalancedEntry(tx: Tx): Promise<Fault> {
  return firstFault(
    tx,
    `select 'Entry ' || e.id || ' (' || e.cause || ') does not balance.' as fault
     from ledger_entry e
     left join ledger_posting p on p.program_id = e.program_id and p.entry_id = e.id
     where e.program_id = $1
     group by e.id, e.cause
     having coalesce(sum(case p.side when 'debit' then p.amount_minor else -p.amount_minor end), 1) <> 0 or count(distinct p.currency) <> 1
     limit 1`,
  );
}

/** expense + goodwill + vat-input + write-off = pending + locked + payable + clearing − receivable + paid, with fx (settlement.md §4). */
export async function findBrokenIdentity(tx: Tx): Promise<Fault> {
  return firstFault(
    tx,
    `with sums as (
       select currency, account, sum(case side when 'debit' then amount_minor else -amount_minor end) as debit
       from ledger_posting where program_id = $1 group by currency, account
     ),
     sides as (
       select currency,
         coalesce(sum(debit) filter (where account in ('commission-expense', 'goodwill', 'vat-input', 'write-off')), 0) as spent,
         -coalesce(sum(debit) filter (where account in ('pending', 'locked', 'payable', 'payout-clearing', 'receivable', 'bank', 'payout-fees', 'fx')), 0) as owed
       from sums group by currency
     )
     select 'In ' || currency || ' ' || spent || ' was spent, and ' || owed || ' is owed or paid.' as fault from sides where spent <> owed limit 1`,
  );
}

/** Each posting batch is the sum of the commissions that name it. */
export async function findEntryUnlikeItsRows(tx: Tx): Promise<Fault> {
  return firstFault(
    tx,
    `select 'Entry ' || p.entry_id || ' moves ' || p.minor || ', its commissions sum to ' || coalesce(c.minor, 0) || '.' as fault
     from (
       select l.entry_id, sum(case l.side when 'credit' then l.amount_minor else -l.amount_minor end) as minor
       from ledger_posting l
       join ledger_entry e on e.program_id = l.program_id and e.id = l.entry_id and e.cause like 'posting:%'
       where l.program_id = $1 and l.partner_id is not null
       group by l.entry_id
     ) p
     left join (select entry_id, sum(amount_minor) as minor from commission where program_id = $1 group by entry_id) c on c.entry_id = p.entry_id
     where p.minor <> coalesce(c.minor, 0)
     limit 1`,
  );
}

/**
 * Every commission that is not zero stands in the ledger. Goodwill once stood in none where what was given and what was taken back in one step
 * netted to nothing; books are insert-only, so such rows stay, and are right as long as they move nothing: their sum is zero per epoch and account.
 */
export async function findUnpostedCommission(tx: Tx): Promise<Fault> {
  return firstFault(
    tx,
    `with unposted as (
       select id, partner_id, kind, currency, account, epoch, amount_minor from commission
       where program_id = $1 and entry_id is null and amount_minor <> 0
     )
     select 'Commission ' || id || ' of partner ' || partner_id || ' is ' || amount_minor || ' in ' || currency || ', and no entry holds it.' as fault
     from unposted where kind <> 'goodwill'
     union all
     select 'Goodwill of partner ' || partner_id || ' sums to ' || sum(amount_minor) || ' in ' || currency || ' (' || account || '), and no entry holds it.'
     from unposted where kind = 'goodwill'
     group by partner_id, currency, account, epoch
     having sum(amount_minor) <> 0
     limit 1`,
  );
}

/** `pending` of a partner is what stands in windows whose lock is not posted. */
export async function findWrongPending(tx: Tx): Promise<Fault> {
  return firstFault(
    tx,
    `with rows as (
       select c.partner_id, c.currency, sum(c.amount_minor) as minor
       from commission c
       where c.program_id = $1 and c.account = 'pending'
         and not exists (select from ledger_entry e where e.program_id = $1 and e.cause in ('lock:' || c.window_id, 'lock:' || c.window_id || ':' || c.currency))
       group by 1, 2
     ),
     books as (
       select partner_id, currency, sum(case side when 'credit' then amount_minor else -amount_minor end) as minor
       from ledger_posting where program_id = $1 and account = 'pending' group by 1, 2
     )
     select 'Partner ' || partner_id || ' has ' || coalesce(b.minor, 0) || ' pending in the ledger and ' || coalesce(r.minor, 0) || ' in commissions.' as fault
     from rows r full join books b using (partner_id, currency)
     where coalesce(b.minor, 0) <> coalesce(r.minor, 0)
     limit 1`,
  );
}

/** A window with a lock in the ledger is sealed, and got no row afterwards. */
export async function findRowAfterLock(tx: Tx): Promise<Fault> {
  return firstFault(
    tx,
    `select 'Commission ' || c.id || ' was posted into window ' || w.id || ' after its lock.' as fault
     from attribution_window w
     join program_clock k on k.program_id = w.program_id
     join ledger_entry e on e.program_id = w.program_id and e.cause = 'lock:' || w.id
     join ledger_posting p on p.program_id = e.program_id and p.entry_id = e.id and p.account = 'locked'
     join lateral (
       select max(id) as id, sum(amount_minor) as minor from commission
       where program_id = w.program_id and window_id = w.id and account = 'pending' and currency = p.currency
     ) c on true
     where w.program_id = $1 and (w.locks_at > k.sealed_at or c.minor <> case p.side when 'credit' then p.amount_minor else -p.amount_minor end)
     limit 1`,
  );
}

/** A statement is the sum of its lines, and the ledger moved it. */
export async function findWrongStatement(tx: Tx): Promise<Fault> {
  return firstFault(
    tx,
    `select 'Statement ' || s.id || ' says ' || s.net_minor || ', its lines sum to ' || l.minor || ' (vat mode ' || s.vat_mode || '), and the ledger moved '
         || coalesce(m.minor, 0) || ' of ' || l.moved || '.' as fault
     from statement s
     join lateral (
       select coalesce(sum(n.amount_minor), 0) as minor, coalesce(sum(n.amount_minor) filter (where c.account <> 'payable'), 0) as moved,
         count(*) filter (where n.amount_minor <> c.amount_minor) as changed
       from statement_line n
       join commission c on c.program_id = n.program_id and c.id = n.commission_id
       where n.program_id = s.program_id and n.statement_id = s.id
     ) l on true
     left join lateral (
       select sum(case p.side when 'credit' then p.amount_minor else -p.amount_minor end) as minor
       from ledger_entry e
       join ledger_posting p on p.program_id = e.program_id and p.entry_id = e.id and p.account = 'payable'
       where e.program_id = s.program_id and e.cause = 'statement:' || s.id
     ) m on true
     where s.program_id = $1
       and (l.changed > 0 or coalesce(m.minor, 0) <> l.moved
         or l.minor <> case s.vat_mode when 'included' then s.gross_minor else s.net_minor end)
     limit 1`,
  );
}
