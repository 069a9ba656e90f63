import { expect, it } from '@jest/globals';
import { isBot } from '../../api/redirect-url.ts';

it.each([
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'TelegramBot (like TwitterBot)',
  'facebookexternalhit/1.1',
  'meta-externalagent/1.1',
  'WhatsApp/2.23.20.0',
  'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5',
  'Iframely/1.3.1 (+https://iframely.com/docs/about)',
  'Mozilla/5.0 (compatible; Yahoo! Slurp)',
  'Some-Crawler/1.0',
])('takes %s for a robot or a link preview', (userAgent) => {
  expect(isBot(userAgent)).toBe(true);
});

it.each([
  undefined,
  '',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 [FBAN/FBIOS;FBAV/400.0]',
  'Mozilla/5.0 (Linux; Android 13; Robotica) Chrome/120.0',
])('takes %s for a person', (userAgent) => {
  expect(isBot(userAgent)).toBe(false);
});
