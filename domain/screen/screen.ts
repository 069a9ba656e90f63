import type { ScreenFacts } from './facts.ts';

export const SCREEN_NAMES = ['self-referral', 'too-fast', 'known-bot', 'id-reused', 'reported-by-browser'] as const;
export type ScreenName = (typeof SCREEN_NAMES)[number];

export const SCREEN_PARAMETERS = ['within', 'moreThan'] as const;

/** What a programme can set of a screen; which of the two a screen has is its own matter. */
export interface ScreenParameters {
  /** ISO 8601 duration. */
  within?: string;
  moreThan?: number;
}

/** A rule that looks for one kind of fraud. It changes no weight: a hit holds the commission until a person decides (attribution.md §6). */
export interface Screen {
  name: ScreenName;
  /** Grows with each change of what it finds; a hit keeps the version that found it, and a programme the one that it switched on. */
  version: number;
  /** What it finds, in a sentence. */
  says: string;
  parameters: readonly (keyof ScreenParameters)[];
  /** What it found, in a sentence for whoever reviews the hold; null: nothing. */
  evidence(facts: ScreenFacts, parameters: ScreenParameters): string | null;
}

/** A screen as a programme has it. */
export interface ScreenInForce {
  screen: Screen;
  isOn: boolean;
  parameters: ScreenParameters;
  /** The newest version that was written; above that of `screen`, it is dark until the settings name it. */
  newest: number;
}

/** What the settings hold of a screen; what is left out stays as the screen has it. */
export type ScreenSettings = ScreenParameters & { isOn?: boolean; version?: number };
