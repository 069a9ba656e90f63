import { describe, expect, it } from '@jest/globals';
import { changeSettings, settingsFaults } from '../../../domain/program/settings-document.ts';
import { defaultSettings, extraApprovers, fastSettings } from '../../../domain/program/settings.ts';

describe('settings of a program', () => {
  it('accepts its own defaults, of real life and of a demo', () => {
    expect(settingsFaults(defaultSettings())).toEqual([]);
    expect(settingsFaults(fastSettings())).toEqual([]);
  });

  it('keeps a demo calendar out of production', () => {
    const faults = settingsFaults({ calendar: fastSettings().calendar }, 'settings', { allowShortPeriods: false });
    expect(faults.map(({ path }) => path)).toEqual(['settings.calendar.period']);
  });

  it('changes what is named and leaves the rest', () => {
    const changed = changeSettings(defaultSettings(), {
      durations: { detailsHold: 'PT1H', tasks: { 'hold.review': { due: 'P1D', remind: [], escalate: null } } },
      calendar: { lockAfter: 'P10D' },
    });
    expect(changed.durations.detailsHold).toBe('PT1H');
    expect(changed.durations.tasks['hold.review'].due).toBe('P1D');
    expect(changed.durations.tasks['partner.survey'].due).toBe('P14D');
    expect(changed.calendar).toEqual({ period: 'monthly', lockAfter: 'P10D', payAfter: 'P20D' });
  });

  it.each([
    [{ gates: { defaults: { 'payout.release': 'release' } } }, 'settings.gates.defaults.payout.release'],
    [{ gates: { defaults: { 'partner.survey': 'answered' } } }, 'settings.gates.defaults.partner.survey'],
    [{ durations: { detailsHold: 'P1M' } }, 'settings.durations.detailsHold'],
    [
      { durations: { tasks: { 'hold.review': { due: 5, remind: [], escalate: null } } } },
      'settings.durations.tasks.hold.review.due',
    ],
    [{ thresholds: { vat: { DE: { mode: 'some', rateBps: 1 } } } }, 'settings.thresholds.vat.DE.mode'],
    [{ limits: {} }, 'settings.limits'],
  ])('names the field that is wrong in %j', (changes, path) => {
    expect(settingsFaults(changes).map((fault) => fault.path)).toEqual([path]);
  });

  it('adds approvers by threshold and never removes one', () => {
    const { thresholds } = defaultSettings();
    const steps = {
      ...thresholds,
      extraApprovers: [
        { fromMinor: 100, approvers: 1 },
        { fromMinor: 1_000, approvers: 2 },
      ],
    };
    expect([99, 100, 1_000].map((amount) => extraApprovers(steps, amount))).toEqual([0, 1, 2]);
  });
});
