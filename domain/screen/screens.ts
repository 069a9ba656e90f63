import { durationMs } from '../time/duration.ts';
import type { Sameness } from './facts.ts';
import type { Screen, ScreenInForce, ScreenName, ScreenParameters, ScreenSettings } from './screen.ts';

const SAME: Record<Sameness, string> = {
  email: 'the e-mail address',
  account: 'the account',
  'payout-owner': 'the owner of the payout account',
};

/** Every screen, in the order in which their holds are placed. Change what one finds, and its version grows. */
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

/** The part of the settings that screens read. */
export interface ScreenedSettings {
  durations: { tooFast: string };
  thresholds: { screens?: Partial<Record<ScreenName, ScreenSettings>> };
}

/** All screens as the settings have them: on unless switched off. */
export function screensInForce({ durations, thresholds }: ScreenedSettings): ScreenInForce[] {
  return SCREENS.map((screen) => {
    const { isOn = true, ...set } = thresholds.screens?.[screen.name] ?? {};
    const tooFast = screen.name === 'too-fast' ? { within: durations.tooFast } : {};
    return { screen, isOn, parameters: { ...DEFAULTS[screen.name], ...tooFast, ...set } };
  });
}
