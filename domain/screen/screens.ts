import { durationMs } from '../time/duration.ts';
import type { Sameness } from './facts.ts';
import type { Screen, ScreenInForce, ScreenName, ScreenParameters, ScreenSettings } from './screen.ts';

const SAME: Record<Sameness, string> = {
  email: 'the e-mail address',
  account: 'the account',
  'payout-owner': 'the owner of the payout account',
};

/**
 * Every screen, in the order in which their holds are placed. What one finds changes by a further version behind the old one, which stays for
 * as long as a programme runs it: what was written is replayed over the past first, and holds money only after somebody switched it on.
 */
export const SCREENS: readonly Screen[] = [
  {
    name: 'self-referral',
    version: 2,
    says: 'The customer is the partner: by e-mail address, account, or owner of the payout account.',
    parameters: [],
    evidence: ({ sameAs }) =>
      sameAs.length === 0
        ? null
        : `The customer's and the partner's are the same: ${sameAs.map((what) => SAME[what]).join(', ')}.`,
  },
  {
    name: 'too-fast',
    version: 1,
    says: 'The conversion follows the click faster than a person can buy.',
    parameters: ['within'],
    evidence: ({ clickAgeMicros }, { within }) =>
      clickAgeMicros !== null && clickAgeMicros < durationMs(within!) * 1_000
        ? `${clickAgeMicros / 1_000_000} seconds lie between the click and the conversion.`
        : null,
  },
  {
    name: 'known-bot',
    version: 1,
    says: "A known bot is among the partner's touchpoints.",
    parameters: [],
    evidence: ({ hasBotTouch }) => (hasBotTouch ? 'A touchpoint came from a known bot.' : null),
  },
  {
    name: 'id-reused',
    version: 1,
    says: 'Many touchpoints of the partner were refused because their id was taken by another one.',
    parameters: ['moreThan', 'within'],
    evidence: ({ reusedIds }, { moreThan, within }) =>
      reusedIds > moreThan! ? `${reusedIds} touchpoints reused an id within ${within} before the conversion.` : null,
  },
  {
    name: 'reported-by-browser',
    version: 1,
    says: 'Only a browser reported the conversion, on a site that wants a person to look at such.',
    parameters: [],
    evidence: ({ isFromBrowser }) =>
      isFromBrowser ? 'A browser reported the conversion; anybody can forge what a browser says.' : null,
  },
];

/** What a programme has that set nothing; `too-fast` has its time among the durations. */
const DEFAULTS: Record<ScreenName, ScreenParameters> = {
  'self-referral': {},
  'too-fast': {},
  'known-bot': {},
  'id-reused': { moreThan: 20, within: 'P1D' },
  'reported-by-browser': {},
};

/**
 * What runs where the settings say nothing: programmes older than the switches run these. It does not grow; a new screen is dark until it is
 * switched on.
 */
const ON_UNSAID: ReadonlySet<ScreenName> = new Set<ScreenName>([
  'self-referral',
  'too-fast',
  'known-bot',
  'id-reused',
  'reported-by-browser',
]);

/** The part of the settings that screens read. */
export interface ScreenedSettings {
  durations: { tooFast: string };
  thresholds: { screens?: Partial<Record<ScreenName, ScreenSettings>> };
}

/**
 * Each screen as the settings have it, in the version that they name. Without a name it is the oldest one that is kept, so that a version
 * written since changes nothing.
 */
export function screensInForce(
  { durations, thresholds }: ScreenedSettings,
  rules: readonly Screen[] = SCREENS,
): ScreenInForce[] {
  return [...new Set(rules.map(({ name }) => name))].map((name) => {
    const { isOn = ON_UNSAID.has(name), version = 0, ...set } = thresholds.screens?.[name] ?? {};
    const versions = versionsOf(name, rules);
    const newest = versions.at(-1)!;
    const tooFast = name === 'too-fast' ? { within: durations.tooFast } : {};
    return {
      screen: versions.find((screen) => screen.version >= version) ?? newest,
      isOn,
      parameters: { ...DEFAULTS[name], ...tooFast, ...set },
      newest: newest.version,
    };
  });
}

/** The versions of a screen that are kept, oldest first. */
export function versionsOf(name: string, rules: readonly Screen[] = SCREENS): Screen[] {
  return rules.filter((screen) => screen.name === name).sort((a, b) => a.version - b.version);
}

/** The switches of a programme without a past: every screen, in its newest version. */
export function everyScreenOn(): Partial<Record<ScreenName, ScreenSettings>> {
  return Object.fromEntries(
    SCREENS.map(({ name }) => [name, { isOn: true, version: versionsOf(name).at(-1)!.version }]),
  );
}

/** The screens' settings after changes: of each its parameters are replaced whole; switch and version stay where nothing is said of them. */
export function changeScreens(
  screens: Partial<Record<ScreenName, ScreenSettings>> | undefined,
  changes: Partial<Record<ScreenName, ScreenSettings>>,
): Partial<Record<ScreenName, ScreenSettings>> {
  const changed = Object.entries(changes).map(([name, change]) => {
    const { isOn, version } = screens?.[name as ScreenName] ?? {};
    return [name, { ...(isOn !== undefined && { isOn }), ...(version !== undefined && { version }), ...change }];
  });
  return { ...screens, ...Object.fromEntries(changed) };
}
