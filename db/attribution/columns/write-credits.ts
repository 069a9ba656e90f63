import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { CreditColumns } from '../../../domain/attribution/columns/credit-columns.ts';
import type { RuleColumns } from '../../../domain/attribution/columns/rule-columns.ts';
import type { Tx } from '../../transaction.ts';

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);
/** Five fields: three of 4 bytes, two of 8, each with its length, after their number. */
const ROW_BYTES = 2 + 3 * 8 + 2 * 12;
const ROWS_PER_WRITE = 4_096;

/**
 * Brings the credits of a slice into a table of this transaction (`computed_credit`: no, claimant, share_e12, minor, origin), with the
 * names behind the numbers beside it (`credit_claimant`, `credit_origin`). Row-level security refuses COPY into real tables, so an
 * insert from these follows; numbers instead of names make the way there short.
 * @param origin by touchpoint, the content and sub-id it names; `sources` are their names
 */
export async function stageCredits(
  tx: Tx,
  credits: CreditColumns,
  { claimants }: RuleColumns,
  origin: Int32Array,
  origins: readonly { contentId: string | null; subId: string | null }[],
): Promise<void> {
  await tx.query(
    `create temporary table if not exists computed_credit (no integer, claimant integer, share_e12 bigint, minor bigint, origin integer) on commit drop;
     create temporary table if not exists credit_claimant (claimant integer, kind text, id text, channel text) on commit drop;
     create temporary table if not exists credit_origin (origin integer, content_id text, sub_id text) on commit drop;
     truncate computed_credit, credit_claimant, credit_origin`,
  );
  await tx.query(
    `insert into credit_claimant
     select n - 1, kind, id, channel from unnest($1::text[], $2::text[], $3::text[]) with ordinality as c (kind, id, channel, n)`,
    [
      claimants.map(({ beneficiary }) => beneficiary.kind),
      claimants.map(({ beneficiary }) => beneficiary.id),
      claimants.map(({ channel }) => channel),
    ],
  );
  await tx.query(
    `insert into credit_origin select n - 1, content_id, sub_id from unnest($1::text[], $2::text[]) with ordinality as o (content_id, sub_id, n)
     where content_id is not null or sub_id is not null`,
    [origins.map(({ contentId }) => contentId), origins.map(({ subId }) => subId)],
  );
  await copyIn(tx, credits, origin);
  await tx.query('analyze computed_credit, credit_claimant, credit_origin');
}

async function copyIn(tx: Tx, credits: CreditColumns, origin: Int32Array): Promise<void> {
  const stream = tx.client.query(copyFrom('copy computed_credit from stdin (format binary)'));
  const done = finished(stream);
  stream.write(HEADER);
  for (let from = 0; from < credits.length; from += ROWS_PER_WRITE) {
    const bytes = encode(credits, from, Math.min(credits.length, from + ROWS_PER_WRITE), origin);
    if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), done]);
  }
  stream.end(TRAILER);
  await done;
}

function encode(credits: CreditColumns, from: number, to: number, origin: Int32Array): Buffer {
  const bytes = Buffer.allocUnsafe((to - from) * ROW_BYTES);
  let at = 0;
  for (let index = from; index < to; index += 1) {
    at = bytes.writeInt16BE(5, at);
    at = writeInt4(bytes, credits.conversion[index]!, at);
    at = writeInt4(bytes, credits.claimant[index]!, at);
    at = writeInt8(bytes, credits.shareE12[index]!, at);
    at = writeInt8(bytes, credits.minor[index]!, at);
    const source = credits.source[index]!;
    at = writeInt4(bytes, source < 0 ? -1 : origin[source]!, at);
  }
  return bytes;
}

function writeInt4(bytes: Buffer, value: number, at: number): number {
  return bytes.writeInt32BE(value, bytes.writeInt32BE(4, at));
}

/** A safe integer of either sign in two's complement. */
function writeInt8(bytes: Buffer, value: number, at: number): number {
  const high = Math.floor(value / 4_294_967_296);
  return bytes.writeUInt32BE(value - high * 4_294_967_296, bytes.writeInt32BE(high, bytes.writeInt32BE(8, at)));
}

/** Which generation, rule and epoch the credits of a slice get. */
export interface CreditStamp {
  generation: number;
  policyId: string | null;
  evaluationId: string | null;
  epoch: number;
}

/** Inserts the staged credits of the slice, sorted by their key. @param table has the columns of `credit` */
export async function insertStagedCredits(tx: Tx, stamp: CreditStamp, table = 'credit'): Promise<number> {
  const { rowCount } = await tx.query(
    `insert into ${tx.client.escapeIdentifier(table)} (
       program_id, conversion_id, conversion_at, generation, beneficiary_kind, beneficiary_id, channel, share_e12, value_minor, currency,
       policy_id, evaluation_id, content_id, sub_id, epoch
     )
     select $1, s.id, s.occurred_at, $2, a.kind, a.id, a.channel, k.share_e12, k.minor, s.currency, $3, $4, o.content_id, o.sub_id, $5
     from computed_credit k
     join credit_slice s on s.no = k.no
     join credit_claimant a on a.claimant = k.claimant
     left join credit_origin o on o.origin = k.origin
     order by k.no, a.kind, a.id, a.channel`,
    [tx.programId, stamp.generation, stamp.policyId, stamp.evaluationId, stamp.epoch],
  );
  return rowCount ?? 0;
}
