import { describe, expect, it } from '@jest/globals';
import { changeSettings } from '../../../domain/program/settings-document.ts';
import { defaultSettings } from '../../../domain/program/settings.ts';
import { SCREENS, screensInForce } from '../../../domain/screen/screens.ts';
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
    const [selfReferral, tooFast] = SCREENS;
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

  it.each([
    [{ odd: {} }, 'thresholds.screens.odd'],
    [{ 'known-bot': { within: 'P1D' } }, 'thresholds.screens.known-bot.within'],
    [{ 'too-fast': { moreThan: 1 } }, 'thresholds.screens.too-fast.moreThan'],
    [{ 'too-fast': { within: 'P1M' } }, 'thresholds.screens.too-fast.within'],
    [{ 'id-reused': { moreThan: -1 } }, 'thresholds.screens.id-reused.moreThan'],
    [{ 'id-reused': { isOn: 'yes' } }, 'thresholds.screens.id-reused.isOn'],
  ])('refuse %j by its path', (screens, path) => {
    const change = () => changeSettings(defaultSettings(), { thresholds: { screens } }, 'settings');
    expect(change).toThrow(
      expect.objectContaining({ details: { errors: [expect.objectContaining({ path: `settings.${path}` })] } }),
    );
  });
});
