import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isBot, sendableUrl } from '../../api/redirect-url.ts';
import { oddDestinations } from './odd-destinations.ts';

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

it.each([
  ['https://shop.example', 'https://shop.example/'],
  [' https://Shop.example\\a/./b ', 'https://shop.example/a/b'],
  ['https://\u{fc}ber.example/?\u{fc}#\u{fc}', 'https://xn--ber-goa.example/?%C3%BC#%C3%BC'],
  ["https://shop.example/?sig=A%2bB'&&x=100%&", "https://shop.example/?sig=A%2bB'&&x=100%&"],
  ['https://shop.example/%e9?%E9#%e9', 'https://shop.example/%e9?%E9#%e9'],
  ['https://shop.example/?', 'https://shop.example/?'],
  ['https://shop.example/#a?b#c', 'https://shop.example/#a?b#c'],
  ['https://shop.example/a #b', 'https://shop.example/a%20#b'],
])('sends %s as %s', (destination, sent) => {
  expect(sendableUrl(destination)).toBe(sent);
});

it('writes every web address in ASCII that leads a browser to the same place, and leaves what is written so', () => {
  let read = 0;
  fc.assert(
    fc.property(oddDestinations(), (destination) => {
      if (!URL.canParse(destination)) {
        expect(() => sendableUrl(destination)).toThrow('Invalid URL');
        return;
      }
      read += 1;
      const sent = sendableUrl(destination);
      expect(sent).toMatch(/^[!-~]+$/);
      expect(new URL(sent).href).toBe(new URL(destination).href);
      expect(sendableUrl(sent)).toBe(sent);
    }),
    { numRuns: 1_000 },
  );
  expect(read).toBeGreaterThan(200);
});
