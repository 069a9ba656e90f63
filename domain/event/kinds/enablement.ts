import type { EventTexts } from '../kind.ts';

export const ENABLEMENT_EVENTS = {
  'enablement.module-added': '{actor} added a training module.',
  'training.passed': 'The partner passed the training with {score} % (attempt {attempt}).',
  'training.failed': 'The partner missed the pass mark of the training with {score} % (attempt {attempt}).',
} as const satisfies EventTexts;
