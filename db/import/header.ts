import { Refusal } from '../intake/result.ts';
import { readHeader } from './csv-row.ts';
import type { ImportKind } from './kind.ts';

/** A reason is one short text; a header may name two hundred columns. */
const MOST_NAMES = 10;
const LONGEST_NAME = 60;

const PERSON = ['identity.visitorId', 'identity.customerId', 'identity.emailHash'];

interface Columns {
  /** Without one of each of these groups every row is refused. */
  needed: readonly (readonly string[])[];
  known: readonly string[];
}

const COLUMNS: Record<ImportKind, Columns> = {
  partners: {
    needed: [['name'], ['email'], ['type'], ['country']],
    known: ['language', 'timeZone', 'currency', 'channels', 'verticals', 'source', 'externalId'],
  },
  touchpoints: {
    needed: [
      [...PERSON, 'consent.measurement'],
      ['channel', 'partnerId', 'linkCode', 'couponCode'],
      ['kind'],
      ['occurredAt'],
    ],
    known: ['id', 'subId', 'properties'],
  },
  conversions: {
    needed: [
      ['externalId'],
      [...PERSON, 'clickId', 'couponCode'],
      ['type'],
      ['value.minor'],
      ['value.currency'],
      ['occurredAt'],
    ],
    known: ['newCustomer', 'vertical', 'country', 'product', 'parentExternalId', 'properties'],
  },
  refunds: {
    needed: [['externalId'], ['conversionExternalId'], ['reason'], ['occurredAt']],
    known: ['value.minor', 'value.currency'],
  },
  journeys: { needed: [['path']], known: ['conversions', 'value', 'nulls'] },
};

/**
 * The columns of a file's first line. One that lacks what every row of its kind needs is refused here: its rows would be refused one by one, each
 * with the same reason. A column that nobody knows beside all that are needed is left to the rows, which may leave it empty.
 * @throws Refusal `header` naming what is missing and what is not known
 */
export function readHeaderOf(kind: ImportKind, text: string): string[] {
  const columns = readHeader(text);
  const { needed, known } = COLUMNS[kind];
  const missing = needed.filter((group) => !group.some((column) => columns.includes(column)));
  if (missing.length === 0) return columns;
  const names = new Set([...needed.flat(), ...known]);
  const unknown = columns.filter((column) => !names.has(column) && !column.startsWith('properties.'));
  const parts = [`Missing: ${missing.map((group) => group.join(' or ')).join(', ')}.`];
  if (unknown.length > 0) parts.push(`Unknown: ${listed(unknown)}.`);
  const separator = [...SEPARATORS].find(([character]) => text.includes(character));
  if (separator) parts.push(`The line has ${separator[1]}; separate columns by commas.`);
  throw new Refusal('header', parts.join(' '));
}

const SEPARATORS = new Map([
  [';', 'semicolons'],
  ['\t', 'tabs'],
]);

function listed(columns: readonly string[]): string {
  const names = columns
    .slice(0, MOST_NAMES)
    .map((column) => `"${column.length > LONGEST_NAME ? `${column.slice(0, LONGEST_NAME)}…` : column}"`);
  const more = columns.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
