/** Credits as arrays, in the order of their conversions and, within one, of the tie-break rule. */
export class CreditColumns {
  length = 0;
  /** Index of the conversion. */
  conversion = new Int32Array(1_024);
  /** Index into the rule's claimants. */
  claimant = new Int32Array(1_024);
  shareE12 = new Float64Array(1_024);
  minor = new Float64Array(1_024);
  /** Index of the last touchpoint that earned it, −1 for the programme's part. */
  source = new Int32Array(1_024);
  /** How many conversions left the range of exact arithmetic in doubles and were split by the plain rules. */
  exactSplits = 0;

  clear(): void {
    this.length = 0;
    this.exactSplits = 0;
  }

  /** Makes room for that many more. @returns where the first of them stands; who writes them sets `length` */
  reserve(many: number): number {
    while (this.length + many > this.conversion.length) this.#makeRoom();
    return this.length;
  }

  add(conversion: number, claimant: number, shareE12: number, minor: number, source: number): void {
    if (this.length === this.conversion.length) this.#makeRoom();
    const at = this.length;
    this.conversion[at] = conversion;
    this.claimant[at] = claimant;
    this.shareE12[at] = shareE12;
    this.minor[at] = minor;
    this.source[at] = source;
    this.length = at + 1;
  }

  #makeRoom(): void {
    const room = this.conversion.length * 2;
    this.conversion = grown(this.conversion, new Int32Array(room));
    this.claimant = grown(this.claimant, new Int32Array(room));
    this.shareE12 = grown(this.shareE12, new Float64Array(room));
    this.minor = grown(this.minor, new Float64Array(room));
    this.source = grown(this.source, new Int32Array(room));
  }
}

function grown<Column extends Int32Array | Float64Array>(before: Column, after: Column): Column {
  after.set(before);
  return after;
}
