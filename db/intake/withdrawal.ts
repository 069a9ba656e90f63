import { randomUUID } from 'node:crypto';
import type { Actor } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import { joinIntake } from '../locks.ts';
import { recordEvent } from '../queries/event.ts';
import { withdrawnAmong } from '../queries/withdrawal.ts';
import type { Tx } from '../transaction.ts';
import { findIdentities } from './identity.ts';
import { lockUnions } from './merge.ts';
import { readPerson } from './person.ts';
import type { PersonKey } from './person.ts';
import { Refusal } from './result.ts';
import { queueIntakeWork } from './work.ts';

/** What a withdrawal took away; all zero when nobody of that name is known, or not any more. */
export interface Withdrawal {
  /** Ids of the person whose values were replaced: everything that was merged with the one that was named. */
  identities: number;
  /** Touchpoints that are in no journey from now on, except in those of conversions that were locked before. */
  touchpoints: number;
  /** When it was received, RFC 3339. */
  receivedAt: string;
}

/**
 * Takes a person's consent back: a fact for every id of their union, and a random value instead of each id's own. Touchpoints and
 * conversions stay, but nobody can be found behind them; conversions that are not locked are credited anew.
 * Joins the intake barrier: call it before any other lock of the transaction.
 * @param identity `{ visitorId?, customerId?, emailHash? }`, at least one
 * @throws DomainError `invalid` when it names nobody
 */
export async function withdrawConsent(
  tx: Tx,
  identity: unknown,
  by: { id: string; actor: Actor },
): Promise<Withdrawal> {
  const keys = readKeys(identity);
  const receivedAt = await joinIntake(tx);
  const named = (await findIdentities(tx, keys)).values();
  if (named.length === 0) return { identities: 0, touchpoints: 0, receivedAt };
  const members = [...(await lockUnions(tx, named)).keys()];
  // Read under the locks: another withdrawal of the person may have come first.
  const withdrawn = await withdrawnAmong(tx, members);
  const ids = members.filter((id) => !withdrawn.has(id));
  if (ids.length === 0) return { identities: 0, touchpoints: 0, receivedAt };
  await withdrawIds(tx, ids, by, receivedAt);
  return { identities: ids.length, touchpoints: await countTouchpoints(tx, ids), receivedAt };
}

/** Takes back the consent of the person of these ids: whole unions, locked by the caller, none of which is withdrawn. */
export async function withdrawIds(
  tx: Tx,
  members: readonly string[],
  by: { id: string; actor: Actor },
  receivedAt: string,
): Promise<void> {
  const ids = members.toSorted();
  await tx.query(
    `insert into consent_withdrawal (program_id, identity_id, requested_by, received_at)
     select $1, id, $3, $4 from unnest($2::text[]) as id order by id
     on conflict (program_id, identity_id) do nothing`,
    [tx.programId, ids, by.id, receivedAt],
  );
  await tx.query(
    `update identity i set value = n.value from unnest($2::text[], $3::text[]) as n (id, value) where i.program_id = $1 and i.id = n.id`,
    [tx.programId, ids, ids.map(valueOfNobody)],
  );
  await queueIntakeWork(
    tx,
    ids.map((identityId) => ({ kind: 'merge' as const, identityId })),
    receivedAt,
  );
  await recordEvent(tx, {
    kind: 'consent.withdrawn',
    actor: by.actor,
    at: receivedAt,
    subject: { type: 'identity', id: ids[0]! },
    data: { identities: ids.length },
  });
}

/** What stands in place of a withdrawn id's own value. */
export function valueOfNobody(): string {
  return `withdrawn:${randomUUID()}`;
}

function readKeys(identity: unknown): PersonKey[] {
  try {
    const keys = readPerson(identity, 'identity', 'tandem');
    if (keys.length > 0) return keys;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new DomainError('invalid', error.message, { errors: [{ path: 'identity', message: error.message }] });
  }
  const message = 'Give at least one of visitorId, customerId, emailHash.';
  throw new DomainError('invalid', `identity: ${message}`, { errors: [{ path: 'identity', message }] });
}

async function countTouchpoints(tx: Tx, ids: readonly string[]): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*) as n from touchpoint where program_id = $1 and identity_id = any ($2)',
    [tx.programId, ids],
  );
  return Number(rows[0]!.n);
}
