interface Fall {
  minor: number;
  /** As much of it as was given back as goodwill. */
  waivedMinor: number;
}

/** A row of a pair, in smallest units. */
interface Row {
  kind: string;
  amountMinor: number;
}

/**
 * The falls of a partner's commission for one conversion that nothing has undone yet. A rise undoes the newest first, and takes back the goodwill
 * of those that were waived: so A→B→A nets to zero with its goodwill rows, and a fall that was recovered and comes back costs nobody what
 * was waived before it.
 */
export class WaivedFalls {
  readonly #falls: Fall[] = [];
  #goodwill = 0;

  /** @param rows what is posted, oldest first */
  constructor(rows: readonly Row[]) {
    for (const row of rows) this.note(row);
  }

  /** Counts the next row. A waiver stands right behind its fall. */
  note({ kind, amountMinor }: Row): void {
    if (kind === 'goodwill') {
      this.#goodwill += amountMinor;
      const last = this.#falls.at(-1);
      if (amountMinor > 0 && last) last.waivedMinor += amountMinor;
    } else if (amountMinor < 0) this.#falls.push({ minor: -amountMinor, waivedMinor: 0 });
    else this.#undo(amountMinor);
  }

  /** The goodwill that stands, ≥ 0. */
  get goodwill(): number {
    return Math.max(0, this.#goodwill);
  }

  /** The goodwill of what a rise would undo, ≥ 0 and never more than stands. */
  waivedIn(rise: number): number {
    let left = rise;
    let waived = 0;
    for (const { minor, waivedMinor } of this.#falls.toReversed()) {
      if (left <= 0) break;
      waived += Math.min(left, waivedMinor);
      left -= minor;
    }
    return Math.max(0, Math.min(waived, this.#goodwill));
  }

  #undo(rise: number): void {
    let left = rise;
    for (let fall = this.#falls.at(-1); fall && left > 0; fall = this.#falls.at(-1)) {
      const undone = Math.min(left, fall.minor);
      fall.minor -= undone;
      fall.waivedMinor = Math.max(0, fall.waivedMinor - undone);
      left -= undone;
      if (fall.minor === 0) this.#falls.pop();
    }
  }
}
