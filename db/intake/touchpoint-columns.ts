import type { PersonIds } from './person-ids.ts';
import type { Columns } from './row-parameters.ts';
import type { ResolvedTouchpoint } from './touchpoints.ts';

/** The columns of `touchpoint`, and `digest` for its key. @param identities of whomever the items name */
export function touchpointColumns(items: readonly ResolvedTouchpoint[], identities: PersonIds) {
  const column = <Type extends Columns[string]['type']>(
    type: Type,
    cellOf: (item: ResolvedTouchpoint) => string | null,
  ) => ({ type, cells: items.map(cellOf) });
  return {
    id: column('text', ({ id }) => id),
    digest: column('bytea', ({ digest }) => digest),
    occurred_at: column('timestamptz', ({ occurredAt }) => occurredAt),
    identity_id: column('text', ({ consent, person: [first] }) => (consent && first ? identities.of(first) : null)),
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
