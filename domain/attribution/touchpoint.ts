import type { TouchpointKind } from '../contract/terms.ts';

/** One contact, with everything about it that credit depends on. Type and market are those of the partner at `occurredAt`. */
export interface Touchpoint {
  id: string;
  /** RFC 3339, to the microsecond. */
  occurredAt: string;
  receivedAt: string;
  kind: TouchpointKind;
  channel: string;
  partnerId: string | null;
  partnerType: string | null;
  market: string | null;
  isVoided: boolean;
}

/** Whose credit it is: a partner, one of our own channels, or the programme for what nobody earned. */
export interface Beneficiary {
  kind: 'partner' | 'channel' | 'program';
  id: string;
}

/** What nobody earned belongs to the programme, under this id and channel. */
export const UNATTRIBUTED: Beneficiary = { kind: 'program', id: 'unattributed' };
export const UNATTRIBUTED_CHANNEL = 'unattributed';

/** The ids of the partners among those who are credited, in their order, one as often as it stands there. */
export function partnersOf(credits: readonly { beneficiary: Beneficiary }[]): string[] {
  return credits.flatMap(({ beneficiary }) => (beneficiary.kind === 'partner' ? [beneficiary.id] : []));
}

/** The partner of a touchpoint, or else the channel itself. */
export function beneficiaryOf({ partnerId, channel }: Pick<Touchpoint, 'partnerId' | 'channel'>): Beneficiary {
  return partnerId === null ? { kind: 'channel', id: channel } : { kind: 'partner', id: partnerId };
}

/** One text per beneficiary and channel: the grain at which credit is summed. */
export function creditKey({ kind, id }: Beneficiary, channel: string): string {
  return `${kind}/${id}/${channel}`;
}
