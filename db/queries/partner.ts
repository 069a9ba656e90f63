import type { PartnerState } from '../../domain/partner/lifecycle.ts';
import { DomainError } from '../../domain/errors.ts';
import { brokenConstraint } from '../transaction.ts';
import type { Tx } from '../transaction.ts';

export interface NewPartner {
  id: string;
  externalId: string | null;
  name: string;
  email: string;
  type: string;
  country: string;
  marketCode: string | null;
  channels: string[];
  verticals: string[];
  source: string | null;
  status: PartnerState;
  ownerId: string | null;
  workflowId: string;
  at: string;
}

/**
 * Adds a partner; the same id again changes nothing.
 * @throws DomainError `duplicate` with `existingId` when the external id or the e-mail address is taken
 */
export async function insertPartner(tx: Tx, partner: NewPartner): Promise<boolean> {
  const twin = await findTwin(tx, partner);
  if (twin?.id === partner.id) return false;
  if (twin) throw duplicate(twin.field, twin.id);
  try {
    await tx.query(
      `insert into partner (program_id, id, external_id, name, email, type, country, market_code, channels, verticals, source,
         status, status_since, workflow_id, owner_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
      [
        tx.programId,
        partner.id,
        partner.externalId,
        partner.name,
        partner.email,
        partner.type,
        partner.country,
        partner.marketCode,
        partner.channels,
        partner.verticals,
        partner.source,
        partner.status,
        partner.at,
        partner.workflowId,
        partner.ownerId,
      ],
    );
    return true;
  } catch (error) {
    // Two requests at once: the other one was faster.
    const constraint = brokenConstraint(error);
    if (constraint === 'partner_external_id_is_unique') throw duplicate('externalId');
    if (constraint === 'partner_email_is_unique') throw duplicate('email');
    throw error;
  }
}

async function findTwin(
  tx: Tx,
  partner: NewPartner,
): Promise<{ id: string; field: 'externalId' | 'email' } | undefined> {
  const { rows } = await tx.query<{ id: string; same_external_id: boolean }>(
    `select id, external_id is not null and external_id = $4 as same_external_id
     from partner
     where program_id = $1 and (id = $2 or lower(email) = lower($3) or external_id = $4)
     order by id = $2 desc, same_external_id desc
     limit 1`,
    [tx.programId, partner.id, partner.email, partner.externalId],
  );
  const row = rows[0];
  return row && { id: row.id, field: row.same_external_id ? 'externalId' : 'email' };
}

function duplicate(field: 'externalId' | 'email', existingId?: string): DomainError {
  return new DomainError('duplicate', `A partner with this ${field} exists already.`, {
    errors: [{ path: field, message: 'Is taken by another partner.' }],
    ...(existingId === undefined ? {} : { existingId }),
  });
}

export interface PartnerRow {
  id: string;
  name: string;
  email: string;
  type: string;
  country: string;
  marketCode: string | null;
  channels: string[];
  verticals: string[];
  status: PartnerState;
  round: number;
  ownerId: string | null;
}

/** Reads a partner and keeps others from changing it until the transaction ends. @throws DomainError `not-found` */
export async function lockPartner(tx: Tx, id: string): Promise<PartnerRow> {
  const { rows } = await tx.query<PartnerRow>(
    `select id, name, email, type, country, market_code as "marketCode", channels, verticals, status, round, owner_id as "ownerId"
     from partner where program_id = $1 and id = $2 for no key update`,
    [tx.programId, id],
  );
  if (!rows[0]) throw new DomainError('not-found', `There is no partner ${id}.`);
  return rows[0];
}

export interface PartnerMove {
  partnerId: string;
  status: PartnerState;
  round: number;
  reason: string | null;
  /** Null clears it. */
  reapplyAfter: string | null;
  at: string;
}

export async function updatePartnerStatus(tx: Tx, move: PartnerMove): Promise<void> {
  await tx.query(
    `update partner set status = $3, status_since = $4, round = $5, status_reason = $6, reapply_after = $7
     where program_id = $1 and id = $2`,
    [tx.programId, move.partnerId, move.status, move.at, move.round, move.reason, move.reapplyAfter],
  );
}

export interface PlaceOfPartner {
  code: string;
  language: string;
  timeZone: string;
  currency: string;
}

/** The market that a country belongs to, or undefined. */
export async function findMarketOfCountry(tx: Tx, country: string): Promise<PlaceOfPartner | undefined> {
  const { rows } = await tx.query<PlaceOfPartner>(
    `select code, language, time_zone as "timeZone", currency
     from market where program_id = $1 and $2 = any (countries) order by code limit 1`,
    [tx.programId, country],
  );
  return rows[0];
}
