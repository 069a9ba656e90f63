import { isCurrency } from '../../domain/money/currencies.ts';
import { MAX_EVENT_MINOR } from '../../domain/money/money.ts';
import type { Money } from '../../domain/money/money.ts';
import { digestOf, ItemReader } from './item.ts';
import { readPerson } from './person.ts';
import type { PersonKey } from './person.ts';
import { Refusal } from './result.ts';

const FIELDS = [
  'externalId',
  'identity',
  'clickId',
  'couponCode',
  'type',
  'value',
  'newCustomer',
  'vertical',
  'country',
  'product',
  'parentExternalId',
  'occurredAt',
  'properties',
];

/** A conversion as a sender gave it, checked field by field. */
export interface ConversionItem {
  externalId: string;
  digest: string;
  person: PersonKey[];
  clickId: string | null;
  couponCode: string | null;
  type: string;
  value: Money;
  newCustomer: boolean | null;
  vertical: string | null;
  country: string | null;
  product: string | null;
  parentExternalId: string | null;
  occurredAt: string;
  properties: Record<string, unknown> | null;
  /** Whose page reported it; none where a server did. */
  siteId?: string;
}

/** Reads one item of `POST /v1/conversions`, or of a page, whose amounts end at `mostMinor`. @throws Refusal */
export function readConversionItem(value: unknown, mostMinor = MAX_EVENT_MINOR): ConversionItem {
  const reader = new ItemReader(value, FIELDS);
  const person = readPerson(reader.raw('identity'));
  const type = reader.name('type');
  if (type === null) reader.fault('type', 'Give the conversion type.');
  const country = reader.text('country');
  if (country !== null && !/^[A-Z]{2}$/.test(country))
    reader.fault('country', 'Give an ISO 3166-1 alpha-2 country such as DE.');
  const content = {
    externalId: reader.requiredText('externalId'),
    person,
    clickId: reader.text('clickId'),
    couponCode: reader.text('couponCode'),
    type: type ?? '',
    value: readValue(reader, 'value', mostMinor) ?? { minor: 0, currency: 'EUR' },
    newCustomer: reader.boolean('newCustomer'),
    vertical: reader.text('vertical'),
    country,
    product: reader.text('product'),
    parentExternalId: reader.text('parentExternalId'),
    occurredAt: reader.instant('occurredAt'),
    properties: reader.properties(),
  };
  if (!reader.has('value')) reader.fault('value', 'Give { minor, currency }.');
  reader.assertNoFaults();
  if (content.parentExternalId === content.externalId)
    throw new Refusal('parent-cycle', 'parentExternalId: A conversion cannot be its own parent.');
  return { ...content, digest: digestOf(content) };
}

/**
 * `{ minor, currency }` of a sender; undefined when absent or after noting a fault.
 * @throws Refusal `negative-value`, `wrong-currency`
 */
export function readValue(reader: ItemReader, field: string, mostMinor = MAX_EVENT_MINOR): Money | undefined {
  if (!reader.has(field)) return undefined;
  const fields = new ItemReader(reader.raw(field), ['minor', 'currency']);
  const minor = fields.raw('minor');
  const currency = fields.raw('currency');
  fields.assertNoFaults();
  if (typeof minor !== 'number' || !Number.isSafeInteger(minor) || minor > mostMinor) {
    return reader.fault(`${field}.minor`, `Give a whole number of smallest units, at most ${mostMinor}.`);
  }
  if (minor < 0)
    throw new Refusal('negative-value', `${field}.minor: A value is never negative. Money given back is a refund.`);
  if (typeof currency !== 'string' || !isCurrency(currency)) {
    throw new Refusal('wrong-currency', `${field}.currency: Give an active ISO 4217 currency such as EUR.`);
  }
  return { minor: minor === 0 ? 0 : minor, currency };
}
