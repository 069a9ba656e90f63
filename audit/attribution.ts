import * as credits from '../db/audit/credits.ts';
import { findNamedAfterWithdrawal } from '../db/audit/persons.ts';
import type { Check } from './check.ts';

export const ATTRIBUTION_CHECKS: readonly Check[] = [
  { name: 'no fact waits to be worked on', find: ({ tx }) => credits.findWaitingWork(tx) },
  {
    name: 'no work was set aside',
    find: ({ tx }) => credits.findSetAsideWork(tx),
    explained: ({ tx }) => credits.findExplainedWork(tx),
  },
  { name: 'every conversion is credited exactly once', find: ({ tx }) => credits.findConversionNotCreditedOnce(tx) },
  {
    name: 'credit computed again from facts is the credit stored',
    find: ({ tx }) => credits.findCreditNotReproduced(tx),
  },
  {
    name: 'commission computed again is the commission posted',
    find: ({ tx }) => credits.findCommissionNotReproduced(tx),
  },
  { name: 'revisions of a commission add up without a gap', find: ({ tx }) => credits.findBrokenRevision(tx) },
  { name: 're-evaluations posted what their studies say', find: ({ tx }) => credits.findLineNotPosted(tx) },
  { name: 'nobody who withdrew the consent is named', find: ({ tx }) => findNamedAfterWithdrawal(tx) },
];
