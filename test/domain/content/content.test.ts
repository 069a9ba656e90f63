import { describe, expect, it } from '@jest/globals';
import { checkDraft } from '../../../domain/content/checks.ts';
import { mayRequestChanges, nextContentState } from '../../../domain/content/review.ts';
import type { ContentState } from '../../../domain/content/review.ts';

const results = (text: string | null, links = ['https://go.example/r/abc']) =>
  checkDraft(text, links).map(({ result }) => result);

describe('automatic checks of a draft', () => {
  it.each([
    ['Great game! #ad https://go.example/r/abc', ['ok', 'ok']],
    ['Sponsored. See HTTPS://GO.EXAMPLE/r/abc.', ['ok', 'ok']],
    ['An #adventure: https://go.example/r/abcd', ['missing', 'missing']],
    ['Werbung: (https://go.example/r/abc)', ['ok', 'ok']],
    ['これは広告です', ['ok', 'missing']],
    ['Unsponsored view', ['missing', 'missing']],
  ])('read "%s" as %j', (text, expected) => {
    expect(results(text)).toEqual(expected);
  });

  it('find the path of a link behind any host', () => {
    expect(results('#ad http://localhost:3000/r/abc', ['/r/abc'])).toEqual(['ok', 'ok']);
    expect(results('#ad http://localhost:3000/r/abcd', ['/r/abc'])).toEqual(['ok', 'missing']);
  });

  it('leave to a person what they cannot read', () => {
    expect(results(null)).toEqual(['unknown', 'unknown']);
    expect(results('#ad', [])).toEqual(['ok', 'unknown']);
  });
});

describe('rounds of review', () => {
  const walk = (events: string[]) =>
    events.reduce<ContentState | null>((state, event) => state && nextContentState(state, event), 'in_review');

  it.each<[string[], ContentState | null]>([
    [['approve', 'published', 'seen-live'], 'live'],
    [['request-changes', 'resubmitted', 'request-changes', 'resubmitted', 'approve'], 'approved'],
    [['approve', 'published', 'edited'], 'in_review'],
    [['reject'], 'rejected'],
    [['approve', 'withdrawn'], 'withdrawn'],
    [['partner-ended'], 'withdrawn'],
    [['request-changes', 'partner-ended'], 'withdrawn'],
    [['approve', 'published', 'partner-ended'], null],
    [['reject', 'resubmitted'], null],
    [['published'], null],
  ])('go by %j to %s', (events, state) => {
    expect(walk(events)).toBe(state);
  });

  it('end when the last round is used up', () => {
    expect([1, 4, 5].map((round) => mayRequestChanges(round, 5))).toEqual([true, true, false]);
  });
});
