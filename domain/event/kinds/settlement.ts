import type { EventTexts } from '../kind.ts';

export const SETTLEMENT_EVENTS = {
  'statement.drawn': 'The statement of window {no} was drawn: {amountMinor} {currency} to pay, {lines} new lines.',
  'statement.carried':
    'The statement of window {no} was drawn; its balance of {carryMinor} {currency} is carried to the next one.',
  'statement.approved': '{actor} approved the statement.',
  'statement.held': '{actor} put the statement on hold until {until}.',
  'statement.approval-void': 'The approval of the statement fell, because {reason}; it is to be approved again.',
  'statement.waiting': 'The approved money waits: {waitingFor}.',
  'invoice.issued': 'The self-billed document {number} was issued.',
  'fx-rates.stored': '{actor} stored {rates} rates of exchange.',
  'hold.placed': '{actor} put commissions on hold.',
  'hold.lifted': '{actor} lifted the hold.',
  'hold.confirmed': '{actor} confirmed the hold; {amountMinor} {currency} are not paid.',
  'adjustment.approved': '{actor} approved an adjustment of {amountMinor} {currency}.',
  'adjustment.not-posted':
    '{actor} approved an adjustment of {amountMinor} {currency}, which cannot be posted: {reason}',
  'adjustment.rejected': '{actor} rejected an adjustment of {amountMinor} {currency}.',
} as const satisfies EventTexts;
