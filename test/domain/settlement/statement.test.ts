import { describe, expect, it } from '@jest/globals';
import { invoiceNumber } from '../../../domain/invoice/number.ts';
import { vatOf } from '../../../domain/invoice/vat.ts';
import { detailsHoldUntil, heldBecause } from '../../../domain/settlement/hold.ts';
import { drawStatement, settleReceivable } from '../../../domain/settlement/statement.ts';
import type { StatementInput } from '../../../domain/settlement/statement.ts';
import { vector } from '../../support/vector.ts';

const none = { netMinor: 0, grossMinor: 0 };
const input: StatementInput = {
  linesMinor: [],
  carryIn: none,
  vat: { mode: 'none', rateBps: 0 },
  minimumMinor: 0,
  isFinal: false,
};

describe('a statement', () => {
  it('carries 20 and −100 and pays 54 in the third month', () => {
    const vat = { mode: 'add' as const, rateBps: 2_000 };
    const months = [[2_000], [-10_000], [12_500]];
    let carryIn = none;
    const drawn = months.map((linesMinor) => {
      const statement = drawStatement({ ...input, vat, minimumMinor: 5_000, linesMinor, carryIn });
      carryIn = statement.carryOut;
      return statement;
    });
    expect(drawn.map(({ state }) => state)).toEqual(['below-minimum', 'owed', 'payable']);
    expect(drawn[2]).toMatchObject({
      carryIn: { netMinor: -8_000 },
      totalNetMinor: 4_500,
      totalGrossMinor: 5_400,
      payableMinor: 5_400,
    });
    expect(drawn[2]!.fresh).toEqual({ netMinor: 12_500, vatMinor: 2_500, grossMinor: 15_000 });
    expect(drawn[2]!.carryOut).toEqual(none);
  });

  it('owes after a clawback that is larger than what was earned', () => {
    const { earned, clawback, expected } = vector('settlement', '6-negative-balance');
    const statement = drawStatement({ ...input, linesMinor: [earned, -clawback] });
    expect(statement).toMatchObject({
      totalGrossMinor: expected.balance,
      payableMinor: expected.payable,
      receivableMinor: -expected.balance,
    });
  });

  it('pays without minimum at the end of a contract, and decides nothing without lines', () => {
    expect(drawStatement({ ...input, linesMinor: [1], minimumMinor: 100, isFinal: true }).state).toBe('payable');
    expect(drawStatement({ ...input, carryIn: { netMinor: 500, grossMinor: 500 } })).toMatchObject({
      state: 'empty',
      payableMinor: 0,
      carryOut: { grossMinor: 500 },
    });
    expect(drawStatement({ ...input, linesMinor: [100, -100] }).state).toBe('below-minimum');
  });

  it('keeps the payable from falling below zero, and nets what is owed', () => {
    expect(settleReceivable(-80, 0)).toEqual({ shortfall: 80, netting: 0 });
    expect(settleReceivable(125, 80)).toEqual({ shortfall: 0, netting: 80 });
    expect(settleReceivable(50, 80)).toEqual({ shortfall: 0, netting: 50 });
  });
});

describe('VAT and documents', () => {
  it('adds or takes out 20 %', () => {
    const { net, ratePercent, expected } = vector('settlement', '5-vat');
    expect(vatOf('add', ratePercent * 100, net).grossMinor).toBe(expected.add.total);
    expect(vatOf('included', ratePercent * 100, net)).toEqual({
      netMinor: expected.included.net,
      vatMinor: expected.included.vat,
      grossMinor: net,
    });
    expect(vatOf('reverse-charge', 2_000, 100)).toEqual({ netMinor: 100, vatMinor: 0, grossMinor: 100 });
  });

  it('mirrors credit notes', () => {
    for (const mode of ['add', 'included', 'none'] as const) {
      const [plus, minus] = [vatOf(mode, 1_900, 12_345), vatOf(mode, 1_900, -12_345)];
      expect([
        minus.netMinor + plus.netMinor,
        minus.vatMinor + plus.vatMinor,
        minus.grossMinor + plus.grossMinor,
      ]).toEqual([0, 0, 0]);
    }
  });

  it('numbers documents', () => {
    expect(invoiceNumber(2026, 42)).toBe('2026-000042');
    expect(() => invoiceNumber(2026, 0)).toThrow(/count/);
  });
});

describe('holds', () => {
  const facts = { windowLocksAtMs: 1_000, standingHolds: 0, occurredAt: '1970-01-01T00:00:00Z', hold: 'PT2S' };

  it('says why money waits', () => {
    expect(heldBecause(facts, 999)).toBe('window-open');
    expect(heldBecause(facts, 1_999)).toBe('hold-time');
    expect(heldBecause(facts, 2_000)).toBeNull();
    expect(heldBecause({ ...facts, standingHolds: 1 }, 1e12)).toBe('hold-stands');
  });

  it('holds payouts after changed details, but not after the first', () => {
    expect(detailsHoldUntil({ atMs: 0, isFirstVerified: false }, 'PT72H')).toBe(259_200_000);
    expect(detailsHoldUntil({ atMs: 0, isFirstVerified: true }, 'PT72H')).toBeNull();
  });
});
