import { describe, expect, it } from '@jest/globals';
import { eventText } from '../../../domain/event/text.ts';

describe('an event in plain words', () => {
  it('names who acted', () => {
    expect(eventText('payout.released', {}, 'Freya')).toBe('Freya released the payout.');
  });

  it('shows amounts in whole units of their currency', () => {
    expect(eventText('payout.paid', { movedMinor: 118_850, currency: 'EUR' }, '')).toBe('1188.50 EUR were paid.');
    expect(eventText('payout.paid', { movedMinor: 503, currency: 'JPY' }, '')).toBe('503 JPY were paid.');
  });

  it('says names where the data has ids', () => {
    const names = new Map([['per_1', 'Freya']]);
    expect(eventText('payout.held', { until: 'per_1' }, 'Finn', names)).toBe(
      'Finn put the payout on hold until Freya.',
    );
  });

  it('shows a dash for what is not there', () => {
    expect(eventText('payout.held', { until: null }, 'Finn')).toBe('Finn put the payout on hold until –.');
  });

  it('shows a kind of another version by its name', () => {
    expect(eventText('moon.landed', {}, 'Neil')).toBe('moon.landed');
  });
});
