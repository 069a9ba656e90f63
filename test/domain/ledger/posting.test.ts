import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldBalances, ledgerIdentity } from '../../../domain/ledger/balance.ts';
import { assertBalanced } from '../../../domain/ledger/entry.ts';
import type { Entry } from '../../../domain/ledger/entry.ts';
import * as post from '../../../domain/ledger/posting.ts';

const m = (minor: number) => ({ partnerId: 'prt_1', currency: 'EUR', minor });
const sides = ({ postings }: Entry) =>
  postings.map(({ account, side }) => `${side} ${account.replace(':prt_1', '')}`).join(', ');

/** settlement.md §4, row by row. */
const TABLE: [string, (minor: number) => Entry, string][] = [
  ['earned', (n) => post.earned(m(n)), 'debit commission-expense, credit pending'],
  ['reduced from pending', (n) => post.reduced(m(n), 'pending'), 'debit pending, credit commission-expense'],
  ['reduced from locked', (n) => post.reduced(m(n), 'locked'), 'debit locked, credit commission-expense'],
  ['reduced from payable', (n) => post.reduced(m(n), 'payable'), 'debit payable, credit commission-expense'],
  ['waived', (n) => post.waived(m(n), 'payable'), 'debit goodwill, credit payable'],
  ['locked', (n) => post.locked(m(n)), 'debit pending, credit locked'],
  ['stated', (n) => post.stated(m(n)), 'debit locked, credit payable'],
  ['hold confirmed', (n) => post.holdConfirmed(m(n)), 'debit locked, credit commission-expense'],
  ['VAT added', (n) => post.vatAdded(m(n)), 'debit vat-input, credit payable'],
  ['VAT included', (n) => post.vatIncluded(m(n)), 'debit vat-input, credit commission-expense'],
  ['shortfall', (n) => post.shortfall(m(n)), 'debit receivable, credit payable'],
  ['netted', (n) => post.netted(m(n)), 'debit payable, credit receivable'],
  ['released', (n) => post.released(m(n)), 'debit payable, credit payout-clearing'],
  ['paid', (n) => post.paid(m(n)), 'debit payout-clearing, credit bank'],
  ['failed', (n) => post.failed(m(n)), 'debit payout-clearing, credit payable'],
  ['returned', (n) => post.returned(m(n)), 'debit bank, credit payable'],
  ['rail fee', (n) => post.railFee(m(n)), 'debit payout-fees, credit bank'],
  ['written off', (n) => post.writtenOff(m(n)), 'debit write-off, credit receivable'],
  ['currency out', (n) => post.currencyChanged(m(n), { ...m(n), currency: 'USD' })[0], 'debit payable, credit fx'],
  ['currency in', (n) => post.currencyChanged(m(n), { ...m(n), currency: 'USD' })[1], 'debit fx, credit payable'],
];

describe('postings', () => {
  it.each(TABLE)('%s: the table says which side', (_, make, expected) => {
    expect(sides(make(5))).toBe(expected);
    expect(make(5).postings.every(({ minor }) => minor === 5)).toBe(true);
  });

  it('turns the sides round for negative amounts, and refuses nothing', () => {
    expect(sides(post.locked(m(-5)))).toBe('debit locked, credit pending');
    expect(() => post.earned(m(0))).toThrow(/nothing/);
  });

  it('does not let an unbalanced entry stand', () => {
    const entry = post.earned(m(5));
    expect(() => assertBalanced({ ...entry, postings: [entry.postings[0]!] })).toThrow(/balance/);
    const off = entry.postings.map((posting, index) => ({ ...posting, minor: posting.minor + index }));
    expect(() => assertBalanced({ ...entry, postings: off })).toThrow(/balance/);
    expect(() =>
      assertBalanced({ ...entry, postings: entry.postings.map((posting) => ({ ...posting, minor: 0.5 })) }),
    ).toThrow(/whole/);
  });

  it('always spends what it owes and paid, whatever is posted', () => {
    const entries = fc.array(
      fc.tuple(
        fc.constantFrom(...TABLE),
        fc.integer({ min: -1_000_000, max: 1_000_000 }).filter((n) => n !== 0),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(entries, (rows) => {
        const posted = rows.map(([[, make], minor]) => make(minor)).filter(({ currency }) => currency === 'EUR');
        const { spent, owedAndPaid } = ledgerIdentity(posted);
        expect(spent).toBe(owedAndPaid);
        const sum = [...foldBalances(posted.flatMap(({ postings }) => postings)).values()].reduce((a, b) => a + b, 0);
        expect(sum).toBe(0);
      }),
    );
  });

  it('follows one commission from earned to the bank', () => {
    const story = [
      post.earned(m(100)),
      post.locked(m(100)),
      post.stated(m(100)),
      post.vatAdded(m(20)),
      post.released(m(120)),
      post.paid(m(120)),
    ];
    const balances = foldBalances(story.flatMap(({ postings }) => postings));
    expect(Object.fromEntries([...balances].filter(([, minor]) => minor !== 0))).toEqual({
      'commission-expense': 100,
      'vat-input': 20,
      bank: -120,
    });
    expect(ledgerIdentity(story)).toEqual({ spent: 120, owedAndPaid: 120 });
  });
});
