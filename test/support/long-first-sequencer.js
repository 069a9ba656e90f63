import TestSequencer from '@jest/test-sequencer';

/**
 * The files that take longest, the longest first. A fresh clone has no times of earlier runs and would start the largest files first;
 * a long one that comes last keeps one worker busy while the others have nothing left.
 */
export const LONG = [
  'e2e/faults',
  'e2e/stories',
  'stack/tree',
  'workflows/money/reevaluation-crash',
  'architecture/checks',
  'architecture/commands',
  'workflows/money/reevaluation',
  'workflows/money/approval',
  'workflows/journey/hundreds',
  'activities/attribution/columns',
  'workflows/journey/continuing',
  'workflows/journey/expiry',
  'api/redirect',
  'stack/bench',
  'api/role-matrix',
  'workflows/money/settlement-gates',
  'workflows/money/payout-faults',
  'activities/attribution/long-journey',
  'e2e/readme',
  'web/one-sale',
  'db/race',
  'activities/worlds',
];

/** Moves the long files to the front; the others stay as they are. */
export function longFirst(tests) {
  return tests.toSorted((one, other) => rank(one) - rank(other));
}

function rank({ path }) {
  const place = LONG.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return place === -1 ? LONG.length : place;
}

export default class LongFirstSequencer extends TestSequencer {
  sort(tests) {
    return longFirst(super.sort(tests));
  }
}
