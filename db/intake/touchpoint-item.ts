import { TOUCHPOINT_KINDS } from '../../domain/contract/terms.ts';
import type { TouchpointKind } from '../../domain/contract/terms.ts';
import { digestOf, ItemReader } from './item.ts';
import { readPerson } from './person.ts';
import type { PersonKey } from './person.ts';
import { Refusal } from './result.ts';

const FIELDS = [
  'id',
  'identity',
  'channel',
  'partnerId',
  'linkCode',
  'couponCode',
  'kind',
  'subId',
  'occurredAt',
  'consent',
  'properties',
];

/** A touchpoint as a sender gave it, checked field by field; what it refers to is not looked up yet. */
export interface TouchpointItem {
  id: string;
  digest: string;
  person: PersonKey[];
  channel: string | null;
  partnerId: string | null;
  linkCode: string | null;
  couponCode: string | null;
  kind: TouchpointKind;
  subId: string | null;
  occurredAt: string;
  consent: boolean;
  properties: Record<string, unknown> | null;
}

/**
 * Reads one item of `POST /v1/touchpoints`. Without an `id` it gets one made from its content, so that the same touchpoint sent twice is
 * one. Without consent for measurement nobody is named.
 * @throws Refusal
 */
export function readTouchpointItem(value: unknown): TouchpointItem {
  const reader = new ItemReader(value, FIELDS);
  const consent = readConsent(reader);
  const person = readPerson(reader.raw('identity'));
  // In the order of the canonical text, which then need not sort them.
  const content = {
    channel: reader.name('channel'),
    consent,
    couponCode: reader.text('couponCode'),
    kind: reader.choice('kind', TOUCHPOINT_KINDS),
    linkCode: reader.text('linkCode'),
    occurredAt: reader.instant('occurredAt'),
    partnerId: reader.text('partnerId'),
    person: consent ? person : [],
    properties: reader.properties(),
    subId: reader.text('subId'),
  };
  const id = reader.text('id');
  reader.assertNoFaults();
  if (consent && person.length === 0)
    throw new Refusal('no-identity', 'identity: Give at least one of visitorId, customerId, emailHash.');
  const digest = digestOf(content);
  return Object.assign(content, { id: id ?? `tch_${suffixOf(digest)}`, digest });
}

function readConsent(reader: ItemReader): boolean {
  if (!reader.has('consent')) return true;
  const consent = reader.raw('consent');
  const measurement = (consent as { measurement?: unknown }).measurement;
  if (typeof consent !== 'object' || typeof measurement !== 'boolean' || Object.keys(consent as object).length !== 1) {
    reader.fault('consent', 'Give { "measurement": true } or { "measurement": false }.');
    return false;
  }
  return measurement;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** 26 characters of base 32 out of a digest in hex, in the form that ids have behind their prefix. */
export function suffixOf(digestHex: string): string {
  let bits = BigInt(`0x${digestHex.slice(0, 32)}`);
  let suffix = '';
  for (let index = 0; index < 26; index += 1) {
    suffix = ALPHABET[Number(bits & 31n)]! + suffix;
    bits >>= 5n;
  }
  return suffix;
}
