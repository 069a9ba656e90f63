/** Why one item was not taken; the others of its batch stand. */
export type RefusalCode =
  | 'invalid'
  | 'no-identity'
  | 'placeholder-identity'
  | 'in-the-future'
  | 'unknown-partner'
  | 'unknown-link'
  | 'unknown-coupon'
  | 'unknown-click'
  | 'partner-mismatch'
  | 'id-reused'
  | 'wrong-currency'
  | 'negative-value'
  | 'parent-cycle'
  | 'too-many-parents'
  | 'same-identity'
  | 'too-many-ids'
  // Of lines of a file only.
  | 'malformed'
  | 'header'
  | 'duplicate';

/** What became of one item, in the order of the batch. `id` is that of what is stored; of what is not, the one that its sender gave, or null. */
export interface IntakeResult {
  index: number;
  id: string | null;
  /** As the sender gave it, of what is refused. */
  externalId?: string;
  status: 'accepted' | 'duplicate' | 'rejected';
  code?: RefusalCode;
  detail?: string;
}

/** The refusal of one item; caught where the item is read, so that it never stops the others. */
export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, detail: string) {
    super(detail);
    this.name = 'Refusal';
    this.code = code;
  }
}

export function rejected(index: number, refusal: Refusal, id: string | null = null): IntakeResult {
  return { index, id, status: 'rejected', code: refusal.code, detail: refusal.message };
}
