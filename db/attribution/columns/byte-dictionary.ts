const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Numbers for byte strings, in order of first sight, without making a text of each: millions of rows name a few thousand values. */
export class ByteDictionary {
  size = 0;
  #slots = new Int32Array(1_024).fill(-1);
  #hashes = new Int32Array(512);
  /** Where the bytes of each entry end; they begin where those before end. */
  #ends = new Int32Array(512);
  #bytes = Buffer.alloc(16_384);

  /** The number of the bytes `from` to `to` (exclusive); a new one equals the `size` before the call. */
  indexOf(bytes: Buffer, from: number, to: number): number {
    let hash = FNV_OFFSET;
    for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
    const mask = this.#slots.length - 1;
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]!;
      if (entry < 0) return this.#add(bytes, from, to, hash, slot);
      if (this.#hashes[entry] === hash && this.#isEqual(entry, bytes, from, to)) return entry;
    }
  }

  #isEqual(entry: number, bytes: Buffer, from: number, to: number): boolean {
    const begin = entry === 0 ? 0 : this.#ends[entry - 1]!;
    const length = this.#ends[entry]! - begin;
    if (length !== to - from) return false;
    for (let at = 0; at < length; at += 1) if (this.#bytes[begin + at] !== bytes[from + at]) return false;
    return true;
  }

  #add(bytes: Buffer, from: number, to: number, hash: number, slot: number): number {
    const entry = this.size;
    const begin = entry === 0 ? 0 : this.#ends[entry - 1]!;
    if (begin + to - from > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], (this.#bytes.length + to - from) * 2);
    bytes.copy(this.#bytes, begin, from, to);
    if (entry === this.#ends.length) {
      this.#ends = doubled(this.#ends);
      this.#hashes = doubled(this.#hashes);
    }
    this.#ends[entry] = begin + to - from;
    this.#hashes[entry] = hash;
    this.#slots[slot] = entry;
    this.size += 1;
    if (this.size * 2 > this.#slots.length) this.#spread();
    return entry;
  }

  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.size; entry += 1) {
      const hash = this.#hashes[entry]!;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
    this.#slots = slots;
  }
}

function doubled(before: Int32Array): Int32Array<ArrayBuffer> {
  const after = new Int32Array(before.length * 2);
  after.set(before);
  return after;
}
