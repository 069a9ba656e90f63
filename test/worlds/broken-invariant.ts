/** An invariant that does not hold. `kind` says which, without the figures of one world: by it a smaller world is known to fail alike. */
export class BrokenInvariant extends Error {
  readonly kind: string;

  constructor(kind: string, detail: string) {
    super(`${kind}: ${detail}`);
    this.kind = kind;
  }
}
