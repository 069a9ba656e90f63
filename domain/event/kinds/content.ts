import type { EventTexts } from '../kind.ts';

export const CONTENT_EVENTS = {
  'asset.added': '{actor} added version {version} of an asset.',
  'content.submitted': 'The partner handed in draft {round}.',
  'content.approve': '{actor} approved draft {round}.',
  'content.request-changes': '{actor} asked for changes of draft {round}.',
  'content.reject': '{actor} rejected draft {round}.',
  'content.published': 'The partner published the content.',
  'content.live': 'The published content was found live.',
  'content.withdrawn': 'The content was withdrawn.',
} as const satisfies EventTexts;
