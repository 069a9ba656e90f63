import { describe, expect, it } from '@jest/globals';
import { changeSettings } from '../../../domain/program/settings-document.ts';
import { defaultSettings } from '../../../domain/program/settings.ts';
import type { ProgramSettings } from '../../../domain/program/settings.ts';
import { SCREENS, screensInForce } from '../../../domain/screen/screens.ts';
import type { Screen, ScreenName } from '../../../domain/screen/screen.ts';
import type { ScreenFacts } from '../../../domain/screen/facts.ts';

const CLEAN: ScreenFacts = {
  sameAs: [],
  clickAgeMicros: 60_000_000,
  hasBotTouch: false,
  reusedIds: 0,
  isFromBrowser: false,
};
const found = (facts: Partial<ScreenFacts>, settings = defaultSettings()) =>
  screensInForce(settings)
    .filter(({ screen, parameters }) => screen.evidence({ ...CLEAN, ...facts }, parameters) !== null)
    .map(({ screen }) => screen.name);

/** Rules as a release of tomorrow has them: a stricter version of one, and one that nobody knows yet. */
const [, tooFast] = SCREENS;
const STRICTER: Screen = { ...tooFast!, version: 2, evidence: () => 'Everything is too fast.' };
const NEW: Screen = { ...tooFast!, name: 'brand-new' as ScreenName, evidence: () => 'Everything is odd.' };
const TOMORROW = [STRICTER, ...SCREENS, NEW];

/** What holds money, by name and version, in settings that were written before or after `TOMORROW`. */
const running = (screens: ProgramSettings['thresholds']['screens'], rules = TOMORROW) =>
  screensInForce({ durations: { tooFast: 'PT3S' }, thresholds: { screens } }, rules)
    .filter(({ isOn }) => isOn)
    .map(({ screen }) => `${screen.name} ${screen.version}`);

describe('a rule that was written after a programme was made', () => {
  const today = SCREENS.map(({ name, version }) => `${name} ${version}`).sort();

  it.each([
    ['says nothing of screens', undefined],
    ['names those of its day', defaultSettings().thresholds.screens],
    ['has parameters of its own', { 'too-fast': { within: 'PT5S' } }],
  ])('holds nothing where the programme %s', (_, screens) => {
    expect(running(screens).sort()).toEqual(today);
  });

  it('holds money once its version is named, or it is switched on', () => {
    const named = { 'too-fast': { version: 2 }, 'brand-new': { isOn: true } };
    expect(running(named)).toEqual(expect.arrayContaining(['too-fast 2', 'brand-new 1']));
    expect(running({ 'too-fast': { version: 2, isOn: false } })).not.toContain('too-fast 2');
  });

  it('shows beside the version in force that it is there', () => {
    const of = (rules: readonly Screen[]) =>
      screensInForce(defaultSettings(), rules).find(({ screen }) => screen.name === 'too-fast');
    expect(of(TOMORROW)).toMatchObject({ screen: { version: 1 }, newest: 2 });
    expect(of(SCREENS)).toMatchObject({ screen: { version: 1 }, newest: 1 });
  });

  it('takes over when the version that a programme named is kept no longer', () => {
    const rules = [STRICTER, ...SCREENS.filter(({ name }) => name !== 'too-fast')];
    expect(running({ 'too-fast': { version: 1 } }, rules)).toContain('too-fast 2');
    expect(running({ 'too-fast': { version: 3 } }, rules)).toContain('too-fast 2');
  });
});

describe('screens', () => {
  it.each<[string, Partial<ScreenFacts>, string[]]>([
    ['nothing where nothing is wrong', {}, []],
    ['nothing without a click', { clickAgeMicros: null }, []],
    ['a customer with the e-mail address of the partner', { sameAs: ['email'] }, ['self-referral']],
    ['a sale 2.999999 s after the click', { clickAgeMicros: 2_999_999 }, ['too-fast']],
    ['no sale 3 s after the click', { clickAgeMicros: 3_000_000 }, []],
    ['a known bot', { hasBotTouch: true }, ['known-bot']],
    ['more than 20 reused ids', { reusedIds: 21 }, ['id-reused']],
    ['no 20 reused ids', { reusedIds: 20 }, []],
    ['a sale that only a browser reported', { isFromBrowser: true }, ['reported-by-browser']],
    [
      'everything at once',
      { sameAs: ['account', 'payout-owner'], clickAgeMicros: 0, hasBotTouch: true, reusedIds: 99, isFromBrowser: true },
      ['self-referral', 'too-fast', 'known-bot', 'id-reused', 'reported-by-browser'],
    ],
  ])('find %s', (_, facts, names) => {
    expect(found(facts)).toEqual(names);
  });

  it('say in a sentence what they saw', () => {
    const [selfReferral] = SCREENS;
    expect(selfReferral!.evidence({ ...CLEAN, sameAs: ['account', 'payout-owner'] }, {})).toBe(
      "The customer's and the partner's are the same: the account, the owner of the payout account.",
    );
    expect(tooFast!.evidence({ ...CLEAN, clickAgeMicros: 1_500_000 }, { within: 'PT3S' })).toBe(
      '1.5 seconds lie between the click and the conversion.',
    );
  });

  it('take their switches and parameters from the settings, one screen at a time', () => {
    const first = changeSettings(defaultSettings(), {
      thresholds: { screens: { 'id-reused': { moreThan: 5, within: 'PT1H' } } },
    });
    const second = changeSettings(first, { thresholds: { screens: { 'known-bot': { isOn: false } } } });
    const of = (name: string) => screensInForce(second).find(({ screen }) => screen.name === name);
    expect(of('id-reused')).toMatchObject({ isOn: true, parameters: { moreThan: 5, within: 'PT1H' } });
    expect(of('known-bot')).toMatchObject({ isOn: false });
    expect(of('too-fast')).toMatchObject({ isOn: true, parameters: { within: 'PT3S' } });
  });

  it('keep switch and version where a change says nothing of them, and lose the parameters that it leaves out', () => {
    const before = changeSettings(defaultSettings(), {
      thresholds: { screens: { 'id-reused': { isOn: false, within: 'PT1H' } } },
    });
    const after = changeSettings(before, { thresholds: { screens: { 'id-reused': { moreThan: 5 } } } });
    expect(after.thresholds.screens!['id-reused']).toEqual({ isOn: false, version: 1, moreThan: 5 });
    expect(after.thresholds.screens!['known-bot']).toEqual({ isOn: true, version: 1 });
  });

  it.each([
    [{ odd: {} }, 'thresholds.screens.odd'],
    [{ 'known-bot': { within: 'P1D' } }, 'thresholds.screens.known-bot.within'],
    [{ 'too-fast': { moreThan: 1 } }, 'thresholds.screens.too-fast.moreThan'],
    [{ 'too-fast': { within: 'P1M' } }, 'thresholds.screens.too-fast.within'],
    [{ 'id-reused': { moreThan: -1 } }, 'thresholds.screens.id-reused.moreThan'],
    [{ 'id-reused': { isOn: 'yes' } }, 'thresholds.screens.id-reused.isOn'],
    [{ 'self-referral': { version: 1 } }, 'thresholds.screens.self-referral.version'],
    [{ 'too-fast': { version: '1' } }, 'thresholds.screens.too-fast.version'],
  ])('refuse %j by its path', (screens, path) => {
    const change = () => changeSettings(defaultSettings(), { thresholds: { screens } }, 'settings');
    expect(change).toThrow(
      expect.objectContaining({ details: { errors: [expect.objectContaining({ path: `settings.${path}` })] } }),
    );
  });
});
