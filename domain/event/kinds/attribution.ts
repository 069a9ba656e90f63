import type { EventTexts } from '../kind.ts';

export const ATTRIBUTION_EVENTS = {
  'conversion.credited': 'The credits of {conversions} conversions were written anew.',
  'commission.posted': 'Commissions were posted: {rows}.',
  'commission.reduced': 'Commissions were reduced: {rows}.',
  'commission.held': 'A commission is held: {reason}.',
  'window.locked': 'Window {no} was locked.',
  'work.queued-again': '{actor} had work tried again that had failed.',
  'work.set-aside': 'Something failed three times and waits for a person.',
  'study.finished': 'An impact study of {conversions} conversions was finished.',
  'evaluation.cut': 'A re-evaluation was cut.',
  'evaluation.executed': 'A re-evaluation was carried out.',
  'evaluation.cancelled': 'A re-evaluation was cancelled.',
  'evaluation.failed': 'A re-evaluation failed before anything was posted: {reason}',
  'evaluation.posted': 'A re-evaluation was posted.',
} as const satisfies EventTexts;
