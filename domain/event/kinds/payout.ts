import type { EventTexts } from '../kind.ts';

export const PAYOUT_EVENTS = {
  'payout-details.submitted': '{actor} gave payout details.',
  'payout-details.verified': '{actor} verified the payout details.',
  'payout-details.rejected': '{actor} rejected the payout details.',
  'payout.drawn': 'A payout of {amountMinor} {currency} was drawn.',
  'payout.held': '{actor} put the payout on hold until {until}.',
  'payout.cancelled': 'The payout was cancelled before anything was sent, because {reason}; it is drawn anew.',
  'payout.released': '{actor} released the payout.',
  'payout.sent': 'The payout was handed to the provider {provider}.',
  'payout.unknown': 'The provider’s answer was lost; the payment is looked up, never sent again.',
  'payout.investigation': 'Nobody can say whether the payment was made; finance investigates.',
  'payout.paid': '{movedMinor} {currency} were paid.',
  'payout.amount-differs': 'The provider moved {movedMinor} {currency} instead of {amountMinor}.',
  'payout.failed': 'The provider refused the payment; the money is payable again.',
  'payout.not-paid': 'Two persons found that nothing was paid; the money is payable again.',
  'payout.returned': 'The payment came back; the money is payable again.',
} as const satisfies EventTexts;
