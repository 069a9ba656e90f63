import { TOUCHPOINT_KINDS } from '../../domain/contract/terms.ts';
import type { TouchpointKind } from '../../domain/contract/terms.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { digestOfText, ItemReader } from './item.ts';
import { readPerson } from './person.ts';
import type { Origin } from './origin.ts';
import type { PersonKey, PersonSource } from './person.ts';
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
  /** What the store adds, in place: a file has millions of items, and a field that comes later costs each a list of its own. */
  origin?: Origin | undefined;
  /** Of the first of its person in the batch's `PersonIds`; undefined: it names nobody. Anew in each transaction. */
  slot?: number | undefined;
}

/**
 * Reads one item of `POST /v1/touchpoints`. Without an `id` it gets one made from its content, so that the same touchpoint sent twice is
 * one. Without consent for measurement nobody is named.
 * @throws Refusal
 */
export function readTouchpointItem(value: unknown, source: PersonSource = 'sender'): TouchpointItem {
  const reader = new ItemReader(value, FIELDS);
  const consent = readConsent(reader);
  const person = readPerson(reader.raw('identity'), 'identity', source);
  const item: TouchpointItem = {
    id: '',
    digest: '',
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
    origin: undefined,
    slot: undefined,
  };
  const id = reader.text('id');
  reader.assertNoFaults();
  if (consent && person.length === 0)
    throw new Refusal('no-identity', 'identity: Give at least one of visitorId, customerId, emailHash.');
  return sealItem(item, id);
}

/** Gives an item whose other fields were checked its digest and its id. @param id null: one made from its content */
export function sealItem(item: TouchpointItem, id: string | null): TouchpointItem {
  item.digest = digestOfText(canonicalText(item));
  item.id = id ?? `tch_${suffixOf(item.digest)}`;
  return item;
}

/**
 * What `canonicalJson` writes for everything but id and digest, of as few pieces as can be: half of the time of reading went there, and much of
 * the memory.
 */
function canonicalText(item: TouchpointItem): string {
  const { partnerId, person, properties, subId } = item;
  const partner = partnerId === null ? NO_PARTNER : `","partnerId":${canonicalJson(partnerId)},"person":[`;
  let persons = '';
  for (const { kind, value } of person)
    persons += `${persons === '' ? '' : ','}${PERSON[kind]}${canonicalJson(value)}}`;
  const rest =
    properties === null && subId === null
      ? NOTHING_MORE
      : `],"properties":${canonicalJson(properties)},"subId":${canonicalJson(subId)}}`;
  return `${canonicalHead(item)}${item.occurredAt}${partner}${persons}${rest}`;
}

const NO_PARTNER = '","partnerId":null,"person":[';
const NOTHING_MORE = '],"properties":null,"subId":null}';
const PERSON: Record<PersonKey['kind'], string> = {
  visitor: '{"kind":"visitor","value":',
  customer: '{"kind":"customer","value":',
  email: '{"kind":"email","value":',
};

let lastHead: Pick<TouchpointItem, 'channel' | 'consent' | 'couponCode' | 'kind' | 'linkCode'> & { text: string } = {
  ...{ channel: null, consent: true, couponCode: null, kind: 'click', linkCode: null, text: '' },
};

/** Up to the instant; items that follow each other mostly share it. */
function canonicalHead({ channel, consent, couponCode, kind, linkCode }: TouchpointItem): string {
  const last = lastHead;
  if (
    last.text !== '' &&
    last.channel === channel &&
    last.kind === kind &&
    last.consent === consent &&
    last.couponCode === couponCode &&
    last.linkCode === linkCode
  )
    return last.text;
  const origin = `{"channel":${canonicalJson(channel)},"consent":${consent},"couponCode":${canonicalJson(couponCode)}`;
  const text = `${origin},"kind":"${kind}","linkCode":${canonicalJson(linkCode)},"occurredAt":"`;
  lastHead = { channel, consent, couponCode, kind, linkCode, text };
  return text;
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
