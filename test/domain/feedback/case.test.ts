import { describe, expect, it } from '@jest/globals';
import { nextCaseState } from '../../../domain/feedback/case.ts';
import type { CaseEvent, CaseState } from '../../../domain/feedback/case.ts';

function walk(events: CaseEvent[]): CaseState | null {
  let state: CaseState = 'open';
  let appeals = 0;
  for (const event of events) {
    const move = nextCaseState(state, event, appeals);
    if (move.kind === 'refused') return null;
    if (event === 'appeal') appeals += 1;
    state = move.state;
  }
  return state;
}

describe('a feedback case', () => {
  it.each<[CaseEvent[], CaseState | null]>([
    [['answer'], 'answered'],
    [['ask', 'information-given', 'decline'], 'declined'],
    [['ask', 'information-deadline', 'answer', 'appeal-time-over'], 'closed'],
    [['review-policy', 'carried-out'], 'answered'],
    [['decline', 'appeal', 'uphold'], 'closed'],
    [['decline', 'appeal', 'change', 'carried-out'], 'answered'],
    [['decline', 'appeal', 'change', 'carried-out', 'appeal'], null],
    [['answer', 'ask'], null],
    [['ask', 'answer'], null],
  ])('goes by %j to %s', (events, state) => {
    expect(walk(events)).toBe(state);
  });
});
