import type { Tx } from './transaction.ts';

/**
 * The locks of Tandem in their one order (never upwards): feed, parents, clicks, 1 intake, policies, 2 books, 3 `conversion_state` ascending,
 * 4 `partner_book` ascending, 5 other rows by guarded update, 6 the invoice counter. Pairs are advisory: (class, hash of the program's id), always for one transaction.
 */
const INTAKE = 1;
const BOOKS = 2;
const SEALER = 3;
/** Beside the order: whoever writes windows waits for nothing else while holding it. */
const WINDOWS = 4;
/** Before the intake barrier, in this order, so that no cut waits for those who wait. */
const PARENTS = 5;
const CLICKS = 6;
/** After the intake barrier and before the row of any policy. */
const POLICIES = 7;
/** The first lock of a step of the feed, before its rows and `conversion_state`. */
const FEED = 8;
/** A step waits no longer for others, so that a wait is not taken for work that takes too long: the transaction is repeated then. */
const FEED_WAIT_MS = 5_000;

/**
 * Lets one intake at a time add conversions that name a parent: two at once would each store one half of a circle, which neither can see.
 * The statements after it see what the one before committed. The first lock of its transaction.
 */
export async function lockParents(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [PARENTS, tx.programId]);
}

/** Joins those who store clicks: whoever names a click that is not stored yet waits for them. Before the intake barrier. */
export async function joinClicks(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock_shared($1, hashtext($2))', [CLICKS, tx.programId]);
}

/** Waits for clicks that are being stored and keeps new ones out until this transaction ends. Before the intake barrier. */
export async function closeClicks(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [CLICKS, tx.programId]);
}

/**
 * Joins the intake barrier and stamps: everything that this transaction commits was received at the instant returned (RFC 3339, microseconds).
 * The stamp is taken in the statement after the lock, on the database's clock, and never lies before a boundary that was cut.
 */
export async function joinIntake(tx: Tx): Promise<string> {
  await tx.query('select pg_advisory_xact_lock_shared($1, hashtext($2))', [INTAKE, tx.programId]);
  const { rows } = await tx.query<{ received_at: string }>(
    'select greatest(clock_timestamp(), cut_at) as received_at from program_clock where program_id = $1',
    [tx.programId],
  );
  const row = rows[0];
  if (!row) throw new Error(`The program ${tx.programId} has no clock. Make it with insertProgram.`);
  return row.received_at;
}

/** Waits for every intake in flight and keeps new ones out until this transaction ends. For a cut only. */
export async function closeIntake(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [INTAKE, tx.programId]);
}

/** Joins those who post to the ledger; a month close waits for them. */
export async function joinBooks(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock_shared($1, hashtext($2))', [BOOKS, tx.programId]);
}

/** Whether this transaction is the one sealer of the program now; false: another one is at work. */
export async function trySealer(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1, hashtext($2)) as locked', [
    SEALER,
    tx.programId,
  ]);
  return rows[0]?.locked === true;
}

/**
 * Lets one transaction at a time write windows of a partner (null: of the program). Two at once would both pass the unique number and meet at
 * the constraint that windows do not overlap, which has no `on conflict`.
 */
export async function lockWindowsOf(tx: Tx, partnerId: string | null): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [WINDOWS, `${tx.programId} ${partnerId ?? ''}`]);
}

/**
 * Lets one transaction at a time number drafts of policies and write the periods in which policies are in force. Two at once would meet at the
 * unique number of a name; or one would begin where another, whose row it does not see yet, begins, and leave that an empty period.
 */
export async function lockPolicies(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [POLICIES, tx.programId]);
}

/** Lets steps of the feed run beside each other, and none beside one that has closed the feed. */
export async function joinFeed(tx: Tx): Promise<void> {
  await lockFeed(tx, 'pg_advisory_xact_lock_shared');
}

/** Waits for every step of the feed that is under way and keeps new ones out until this transaction ends. */
export async function closeFeed(tx: Tx): Promise<void> {
  await lockFeed(tx, 'pg_advisory_xact_lock');
}

async function lockFeed(tx: Tx, lock: string): Promise<void> {
  await tx.query(`set local lock_timeout = ${FEED_WAIT_MS}`);
  await tx.query(`select ${lock}($1, hashtext($2)), set_config('lock_timeout', '0', true)`, [FEED, tx.programId]);
}

/** Locks the credit of these conversions, ascending; rows that are not there yet are made (generation 0: never credited). */
export async function lockConversions(tx: Tx, conversionIds: readonly string[]): Promise<void> {
  await tx.query(
    `insert into conversion_state (program_id, conversion_id, generation, remaining_minor, epoch, credited_at)
     select $1, id, 0, 0, 0, clock_timestamp() from unnest($2::text[]) as id order by id
     on conflict (program_id, conversion_id) do nothing`,
    [tx.programId, conversionIds],
  );
  await tx.query(
    `select conversion_id from conversion_state
     where program_id = $1 and conversion_id = any ($2)
     order by conversion_id
     for no key update`,
    [tx.programId, conversionIds],
  );
}

/** Locks the money of these partners, ascending. Whoever posts, settles, holds or changes payout details holds it. */
export async function lockPartnerBooks(tx: Tx, partnerIds: readonly string[]): Promise<void> {
  await tx.query(
    `insert into partner_book (program_id, partner_id)
     select $1, id from unnest($2::text[]) as id order by id
     on conflict (program_id, partner_id) do nothing`,
    [tx.programId, partnerIds],
  );
  await tx.query(
    'select partner_id from partner_book where program_id = $1 and partner_id = any ($2) order by partner_id for no key update',
    [tx.programId, partnerIds],
  );
}
