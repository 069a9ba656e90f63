const LF = 10;
const CR = 13;
const QUOTE = 34;
const COMMA = 44;

/** What a record is at, between two bytes. */
type Place = 'cell begins' | 'in a cell' | 'in quotes' | 'after quotes' | 'after quotes and CR';

/** The bytes so far end within the record. */
export const MORE = -1;
/** A quote stands where none can be. */
export const BROKEN = -2;

/** Follows one record of CSV (RFC 4180) through a stream from its first byte, in no memory: a quoted cell may be of any length. */
export class RecordScan {
  #place: Place = 'cell begins';

  /** @returns where the line break is that ends the record, MORE or BROKEN; after MORE the next bytes go on */
  feed(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      if (this.#place === 'in quotes') {
        at = bytes.indexOf(QUOTE, at);
        if (at === -1) return MORE;
        this.#place = 'after quotes';
        continue;
      }
      const next = after(this.#place, bytes[at]!);
      if (next === 'end') return at;
      if (next === null) return BROKEN;
      this.#place = next;
    }
    return MORE;
  }

  /** Whether the record may end here, with the stream. */
  get isWhole(): boolean {
    return this.#place !== 'in quotes';
  }
}

function after(place: Exclude<Place, 'in quotes'>, byte: number): Place | 'end' | null {
  if (byte === LF) return 'end';
  if (place === 'after quotes and CR') return null;
  if (byte === COMMA) return 'cell begins';
  if (place === 'after quotes') return byte === QUOTE ? 'in quotes' : byte === CR ? 'after quotes and CR' : null;
  if (byte !== QUOTE) return 'in a cell';
  return place === 'cell begins' ? 'in quotes' : null;
}
