import type { EventTexts } from '../kind.ts';

export const TRACKING_EVENTS = {
  'touchpoint.received': 'Touchpoints received from {actor}: {accepted}.',
  'conversion.received': 'Conversions received from {actor}: {accepted}.',
  'refund.received': 'Refunds received from {actor}: {accepted}.',
  'identity.received': 'Statements that two ids are one person, received from {actor}: {accepted}.',
  'identity.merge-undone': '{actor} took back that two ids are one person: {reason}',
  'consent.withdrawn': 'A person took the consent to be measured back; {identities} ids name nobody any more.',
  'touchpoint.voided': 'A touchpoint was taken out of every journey.',
  'touchpoint.added': 'A touchpoint was added by an approved correction.',
  'link.created': 'A tracking link was made.',
  'coupon.created': 'A coupon code was given out.',
  'import.received': 'A file of {total} rows was received.',
  'import.finished': 'A file was taken in: {accepted} rows are new, {duplicate} were there, {rejected} were refused.',
  'import.cancelled':
    'A file was not taken in to its end: {accepted} rows are new and stay, {duplicate} were there, {rejected} were refused.',
  'import.broke-off':
    'A file broke off on its way in, and nothing more of it is taken: {accepted} rows are new and stay, {duplicate} were there, {rejected} were refused.',
} as const satisfies EventTexts;
