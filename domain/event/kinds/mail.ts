import type { EventTexts } from '../kind.ts';

export const MAIL_EVENTS = {
  'mail.undeliverable': 'A mail "{template}" was refused by the receiving server: {reason}.',
  'mail.resent': '{actor} had the address mended; {count} mails go out again.',
  'mail.ignored': '{actor} leaves {count} mails unsent.',
} as const satisfies EventTexts;
