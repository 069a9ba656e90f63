import { isMadeUp, isPlaceholder } from '../../domain/attribution/identity.ts';
import { NAME_PATTERN } from '../../domain/attribution/name.ts';
import { TOUCHPOINT_KINDS } from '../../domain/contract/terms.ts';
import type { TouchpointKind } from '../../domain/contract/terms.ts';
import { isHashOfNobody } from '../intake/hash-of-nobody.ts';
import { LONGEST_ID, plainInstant } from '../intake/item.ts';
import type { PersonKey } from '../intake/person.ts';
import { sealItem } from '../intake/touchpoint-item.ts';
import type { TouchpointItem } from '../intake/touchpoint-item.ts';

/** A cell that can be read as it stands: no quote, no space, no comma that a quote would hold, nothing beyond ASCII. */
const PLAIN_CELL = /^[!#-~]+$/;

/** What the cells of a column are, by its name in the header; any other column makes a row with something in it not plain. */
const FIELDS = {
  id: 0,
  'identity.visitorId': 1,
  'identity.customerId': 2,
  'identity.emailHash': 3,
  channel: 4,
  kind: 5,
  occurredAt: 6,
  partnerId: 7,
  linkCode: 8,
  couponCode: 9,
  subId: 10,
  'consent.measurement': 11,
} as const;
const OTHER = -1;
const PERSON_KINDS: readonly PersonKey['kind'][] = ['visitor', 'customer', 'email'];

/**
 * Reads CSV rows of touchpoints whose every cell can be seen to be in order, without the objects that the general readers make; null says nothing
 * of a row but that those must read it. What it gives is what they would give. Cells that say the same as in the row before, as most channels,
 * kinds and partners do, are not checked again.
 */
export class PlainTouchpoints {
  readonly #fields: number[];
  /** The last plain cell of each field, and what it was read as. */
  readonly #last: string[] = Object.keys(FIELDS).map(() => '');
  #lastAt = '';
  readonly #row: (string | null)[] = Object.keys(FIELDS).map(() => null);

  /** @param columns of the header */
  constructor(columns: readonly string[]) {
    this.#fields = columns.map((column) =>
      Object.hasOwn(FIELDS, column) ? FIELDS[column as keyof typeof FIELDS] : OTHER,
    );
  }

  /** @param text holds the row between these two places, a letter for each byte */
  read(text: string, from: number, to: number): TouchpointItem | null {
    const row = this.#row;
    row.fill(null);
    const last = this.#fields.length - 1;
    let at = from;
    for (let index = 0; index <= last; index += 1) {
      const comma = text.indexOf(',', at);
      const end = comma === -1 || comma >= to ? to : comma;
      if ((end === to) !== (index === last)) return null;
      if (end > at) {
        const field = this.#fields[index]!;
        const cell = field === OTHER ? null : this.#cellOf(field, text, at, end);
        if (cell === null) return null;
        row[field] = cell;
      }
      at = end + 1;
    }
    return this.#itemOf(row);
  }

  /** @returns what the cell says, null when it is not plain */
  #cellOf(field: number, text: string, at: number, end: number): string | null {
    const last = this.#last[field]!;
    if (last.length === end - at && text.startsWith(last, at)) return last;
    const cell = text.slice(at, end);
    if (cell.length > LONGEST_ID || !PLAIN_CELL.test(cell) || !this.#isInOrder(field, cell)) return null;
    this.#last[field] = cell;
    return cell;
  }

  #isInOrder(field: number, cell: string): boolean {
    switch (field) {
      case FIELDS['identity.visitorId']:
        return !isPlaceholder(cell) && !isHashOfNobody(cell);
      case FIELDS['identity.emailHash']:
        return !isPlaceholder(cell) && !isHashOfNobody(cell) && !cell.includes('@');
      case FIELDS['identity.customerId']:
        return !isPlaceholder(cell) && !isHashOfNobody(cell) && !isMadeUp(cell);
      case FIELDS.channel:
        return NAME_PATTERN.test(cell);
      case FIELDS.kind:
        return TOUCHPOINT_KINDS.includes(cell as TouchpointKind);
      case FIELDS.occurredAt: {
        const instant = plainInstant(cell);
        if (instant === null) return false;
        this.#lastAt = instant;
        return true;
      }
      case FIELDS['consent.measurement']:
        return cell === 'true' || cell === 'false';
      default:
        return true;
    }
  }

  #itemOf(row: readonly (string | null)[]): TouchpointItem | null {
    const kind = row[FIELDS.kind] as TouchpointKind | null;
    const consent = row[FIELDS['consent.measurement']] !== 'false';
    const person: PersonKey[] = [];
    if (consent) {
      for (let index = 0; index < PERSON_KINDS.length; index += 1) {
        const value = row[FIELDS['identity.visitorId'] + index]!;
        if (value !== null) person.push(keyOf(PERSON_KINDS[index]!, value));
      }
      if (person.length === 0) return null;
    }
    if (kind === null || row[FIELDS.occurredAt] === null) return null;
    const item: TouchpointItem = {
      id: '',
      digest: '',
      channel: row[FIELDS.channel]!,
      consent,
      couponCode: row[FIELDS.couponCode]!,
      kind,
      linkCode: row[FIELDS.linkCode]!,
      occurredAt: this.#lastAt,
      partnerId: row[FIELDS.partnerId]!,
      person,
      properties: null,
      subId: row[FIELDS.subId]!,
      origin: undefined,
      slot: undefined,
    };
    return sealItem(item, row[FIELDS.id]!);
  }
}

function keyOf(kind: PersonKey['kind'], value: string): PersonKey {
  return { kind, value: kind === 'email' ? value.toLowerCase() : value };
}
