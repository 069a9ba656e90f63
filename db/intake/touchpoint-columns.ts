import { compareInstants } from '../../domain/time/instant.ts';
import type { PersonIds } from './person-ids.ts';
import { columnOf } from './row-parameters.ts';
import type { Column, Columns } from './row-parameters.ts';
import type { ResolvedTouchpoint } from './touchpoints.ts';

/** The columns of `touchpoint`, and `digest` for its key. @param identities of whomever the items name */
export function touchpointColumns(items: readonly ResolvedTouchpoint[], identities: PersonIds) {
  const column = <Type extends Columns[string]['type']>(
    type: Type,
    cellOf: (item: ResolvedTouchpoint) => string | null,
  ): Column => columnOf(type, items, cellOf);
  return {
    id: column('text', ({ id }) => id),
    digest: column('bytea', ({ digest }) => digest),
    occurred_at: column('timestamptz', ({ occurredAt }) => occurredAt),
    identity_id: column('text', ({ slot }) => (slot === undefined ? null : identities.at(slot))),
    channel: column('text', ({ origin }) => origin.channel),
    partner_id: column('text', ({ origin }) => origin.partnerId),
    kind: column('text', ({ kind }) => kind),
    link_id: column('text', ({ origin }) => origin.linkId),
    coupon_id: column('text', ({ origin }) => origin.couponId),
    content_id: column('text', ({ origin }) => origin.contentId),
    sub_id: column('text', ({ origin }) => origin.subId),
    bot: column('boolean', ({ bot }) => (bot ? 't' : 'f')),
    consent: column('boolean', ({ consent }) => (consent ? 't' : 'f')),
    properties: column('jsonb', ({ properties }) => (properties === null ? null : JSON.stringify(properties))),
    approved_by: column('text', ({ approvedBy }) => approvedBy ?? null),
  };
}

/** Persons whom these touchpoints name, each once, with the first instant at which it was touched. */
export function touchedPersons(items: readonly ResolvedTouchpoint[], identities: PersonIds) {
  const firsts: (string | undefined)[] = [];
  for (const { slot, occurredAt } of items) {
    if (slot === undefined) continue;
    const first = firsts[slot];
    if (first === undefined || isBefore(occurredAt, first)) firsts[slot] = occurredAt;
  }
  const identityIds: string[] = [];
  const fromAts: string[] = [];
  for (const [slot, first] of firsts.entries()) {
    if (first === undefined) continue;
    identityIds.push(identities.at(slot));
    fromAts.push(first);
  }
  return { identityIds, fromAts };
}

/** Instants of one length in UTC compare as text. */
function isBefore(a: string, b: string): boolean {
  return a.length === b.length ? a < b : compareInstants(a, b) < 0;
}
