import type { Calendar } from '../contract/terms.ts';
import type { ScreenName, ScreenSettings } from '../screen/screen.ts';
import { everyScreenOn } from '../screen/screens.ts';
import type { GateTiming } from '../task/gate.ts';
import type { TaskKind } from '../task/kinds.ts';
import { taskTimings } from './timings.ts';

/** Whether something must be done before a partner becomes active, or only before money is paid out. */
export type RequiredFor = 'activation' | 'payout';

/** How VAT of a self-billed document is shown (settlement.md §5). `rateBps` are basis points: 1900 is 19 %. */
export interface VatRule {
  mode: 'none' | 'add' | 'included' | 'reverse-charge';
  rateBps: number;
}

export interface ProgramSettings {
  /** What the gates demand, and what they do by default. */
  gates: {
    training: RequiredFor;
    payoutDetails: RequiredFor;
    /** Outcomes at the deadline that differ from the table of kinds; money gates never let money go. */
    defaults: Partial<Record<TaskKind, string>>;
    counterRounds: number;
    contentRounds: number;
    /** Right answers needed, in percent, where a training module says nothing else. */
    quizPassPercent: number;
    openFeedbackCases: number;
    feedbackQuestions: number;
  };
  /** ISO 8601 durations without months, so that their length never depends on the day they start. */
  durations: {
    tasks: Record<TaskKind, GateTiming>;
    /** How long payouts wait after details (or the sign-in address) changed. */
    detailsHold: string;
    lateAnswer: string;
    waitlistReturn: string;
    waitlistOver: string;
    /** Earliest new application after a decline that names no date. */
    reapplyAfter: string;
    /** When a new task opens after a `hold` that names no date. */
    taskHold: string;
    contentCheck: string;
    appealWithin: string;
    /** A conversion sooner than this after its click is held for a person. */
    tooFast: string;
  };
  /** The programme's own windows, and the calendar of contracts whose template is silent. */
  calendar: Calendar;
  /** How links hand over their clicks; absent: as everybody does. */
  tracking?: {
    /** Query parameter of the click id. */
    clickParameter?: string;
  };
  /** Money settings in the program's currency; a change needs a second person. */
  thresholds: {
    minimumPayoutMinor: number;
    /** Payouts at or above `fromMinor` need so many approvers more. */
    extraApprovers: { fromMinor: number; approvers: number }[];
    /** VAT by the partner's tax country (ISO 3166-1 alpha-2); countries that are not named: mode `none`. */
    vat: Record<string, VatRule>;
    /** Screens for fraud by name: switch, version and parameters of their own; they hold money, so a change needs a second person. */
    screens?: Partial<Record<ScreenName, ScreenSettings>>;
  };
}

/** The parts of the settings whose change opens `setting.approval`. */
export const MONEY_SETTINGS = ['thresholds', 'calendar'] as const;

/** Settings of real life. */
export function defaultSettings(): ProgramSettings {
  return {
    gates: {
      training: 'activation',
      payoutDetails: 'payout',
      defaults: {},
      counterRounds: 2,
      contentRounds: 5,
      quizPassPercent: 80,
      openFeedbackCases: 20,
      feedbackQuestions: 3,
    },
    durations: {
      tasks: taskTimings('real'),
      detailsHold: 'PT72H',
      lateAnswer: 'P90D',
      waitlistReturn: 'P90D',
      waitlistOver: 'P365D',
      reapplyAfter: 'P90D',
      taskHold: 'P7D',
      contentCheck: 'P7D',
      appealWithin: 'P30D',
      tooFast: 'PT3S',
    },
    calendar: { period: 'monthly', lockAfter: 'P27D', payAfter: 'P20D' },
    thresholds: { minimumPayoutMinor: 0, extraApprovers: [], vat: {}, screens: everyScreenOn() },
  };
}

/** The same settings with gates and windows of seconds, for demos: a month passes in a minute. */
export function fastSettings(): ProgramSettings {
  const settings = defaultSettings();
  return {
    ...settings,
    durations: {
      tasks: taskTimings('fast'),
      detailsHold: 'PT20S',
      lateAnswer: 'PT15M',
      waitlistReturn: 'PT2M',
      waitlistOver: 'PT8M',
      reapplyAfter: 'PT10S',
      taskHold: 'PT30S',
      contentCheck: 'PT60S',
      appealWithin: 'PT10M',
      tooFast: 'PT0.1S',
    },
    calendar: { period: 'PT60S', lockAfter: 'PT15S', payAfter: 'PT5S' },
  };
}

/** How many approvers a payout needs beyond the two that every payout has; thresholds only ever add (settlement.md §6). */
export function extraApprovers(thresholds: ProgramSettings['thresholds'], amountMinor: number): number {
  return thresholds.extraApprovers
    .filter(({ fromMinor }) => amountMinor >= fromMinor)
    .reduce((most, { approvers }) => Math.max(most, approvers), 0);
}
