import { randomInt } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import { newId } from '../ids.ts';
import type { Pool } from '../pool.ts';
import { brokenConstraint } from '../transaction.ts';
import type { Tx } from '../transaction.ts';

export interface Link {
  id: string;
  partnerId: string | null;
  code: string;
  destination: string;
  channel: string | null;
  contentId: string | null;
  subId: string | null;
  createdAt: string;
}

export interface NewLink {
  /** By default a new id; a caller that may repeat gives its own. */
  id?: string;
  partnerId: string | null;
  destination: string;
  channel?: string | null;
  code?: string;
  contentId?: string | null;
  subId?: string | null;
}

const COLUMNS = `id, partner_id as "partnerId", code, destination, channel, content_id as "contentId", sub_id as "subId", created_at as "createdAt"`;
/** Without vowels and look-alikes: a code is read out and typed in, and should spell nothing. */
const CODE_ALPHABET = 'bcdfghjkmnpqrstvwxz23456789';
const CODE_LENGTH = 8;

/**
 * Makes a tracking link. Codes are unique over all programs, because a redirect names none.
 * @throws DomainError `duplicate` when the code is taken
 */
export async function insertLink(tx: Tx, link: NewLink): Promise<Link> {
  const id = link.id ?? newId('link');
  const code =
    link.code ?? Array.from({ length: CODE_LENGTH }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join('');
  try {
    await tx.query('insert into link_code (code, program_id, link_id) values ($1, $2, $3)', [code, tx.programId, id]);
  } catch (error) {
    if (brokenConstraint(error) !== 'link_code_pkey') throw error;
    throw new DomainError('duplicate', `The code "${code}" is taken. Choose another, or leave it out.`, {
      errors: [{ path: 'code', message: 'Choose another code.' }],
    });
  }
  const { rows } = await tx.query<Link>(
    `insert into link (program_id, id, partner_id, code, destination, channel, content_id, sub_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     returning ${COLUMNS}`,
    [
      tx.programId,
      id,
      link.partnerId,
      code,
      link.destination,
      link.channel ?? null,
      link.contentId ?? null,
      link.subId ?? null,
    ],
  );
  return rows[0]!;
}

/** @throws DomainError `not-found` */
export async function getLink(tx: Tx, id: string): Promise<Link> {
  const { rows } = await tx.query<Link>(`select ${COLUMNS} from link where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  if (!rows[0]) throw new DomainError('not-found', `There is no link ${id}.`);
  return rows[0];
}

/** The link with that code in the transaction's program. */
export async function findLinkByCode(tx: Tx, code: string): Promise<Link | undefined> {
  const { rows } = await tx.query<Link>(`select ${COLUMNS} from link where program_id = $1 and code = $2`, [
    tx.programId,
    code,
  ]);
  return rows[0];
}

/** Which program a code belongs to; the one question that is asked without a program. */
export async function findProgramOfCode(pool: Pool, code: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ program_id: string }>('select program_id from link_code where code = $1', [code]);
  return rows[0]?.program_id;
}

/** Whether the team sends visitors to that host: it stands in a site in use, or in the destination of a link. @param host as `URL` gives it */
export async function isKnownHost(tx: Tx, host: string): Promise<boolean> {
  const { rows } = await tx.query<{ known: boolean }>(
    `select exists (
         select from site where program_id = $1 and disabled_at is null and ('https://' || $2::text = any (origins) or 'http://' || $2::text = any (origins))
       ) or exists (
         select from link where program_id = $1 and lower(substring(destination from '^https?://([^/?#\\\\]+)')) = $2
       ) as known`,
    [tx.programId, host],
  );
  return rows[0]!.known;
}

/** Links, newest id last, after `afterId`. */
export async function listLinks(
  tx: Tx,
  filter: { partnerId?: string; afterId?: string; limit: number },
): Promise<Link[]> {
  const { rows } = await tx.query<Link>(
    `select ${COLUMNS} from link
     where program_id = $1 and ($2::text is null or partner_id = $2) and ($3::text is null or id > $3)
     order by id
     limit $4`,
    [tx.programId, filter.partnerId ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows;
}
