import type { Intake } from '../intake/batch.ts';
import { CONVERSION_INTAKE } from '../intake/conversions.ts';
import { REFUND_INTAKE } from '../intake/refunds.ts';
import { TOUCHPOINT_INTAKE } from '../intake/touchpoints.ts';
import { readJourneyItem } from './journeys.ts';
import type { ImportKind } from './kind.ts';
import { PlainTouchpoints } from './plain-touchpoint.ts';

/** How rows of a kind are read, and how they are stored where they are facts. Rows of partners were checked when they were sent. */
export interface ImportRules {
  /** @throws Refusal */
  read(value: unknown): unknown;
  intake?: Intake<unknown>;
  /** A quicker reader of CSV rows with these columns; what it cannot read at sight is left to `read`. */
  plain?(columns: readonly string[]): { read(text: string, from: number, to: number): unknown };
}

/** The same rules as those of the JSON intake. */
export function rulesOf(kind: ImportKind): ImportRules {
  return RULES[kind];
}

const RULES: Record<ImportKind, ImportRules> = {
  touchpoints: { ...factRules(TOUCHPOINT_INTAKE), plain: (columns) => new PlainTouchpoints(columns) },
  conversions: factRules(CONVERSION_INTAKE),
  refunds: factRules(REFUND_INTAKE),
  journeys: { read: readJourneyItem },
  partners: { read: (value) => value },
};

/** What `read` made is what `store` takes; the import between them does not look inside. */
function factRules<Item>(intake: Intake<Item>): ImportRules {
  return { read: intake.read, intake: intake as unknown as Intake<unknown> };
}
