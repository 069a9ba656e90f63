import { describe, expect, it } from '@jest/globals';
import { LETTER_BOOKS, letterBook, localMoney, localMoment } from '../../../activities/mail/language.ts';
import { renderPage } from '../../../activities/mail/page.ts';
import { isMailTemplate, MAIL_TEMPLATES, TOLD_STATES } from '../../../domain/mail/template.ts';
import { TASK_KIND_NAMES } from '../../../domain/task/kinds.ts';
import { findMatches, listFiles } from '../../architecture/tree.ts';

const FACTS = {
  program: 'Acme',
  task: 'do it',
  isPartner: true,
  partner: 'Mira',
  due: 'tomorrow',
  amount: '€1.00',
  from: 'today',
  reason: 'because',
  message: 'words',
};

/** Names of templates wherever something is queued. */
function queuedTemplates(): string[] {
  const files = listFiles().filter((path) => /^(activities|db|api)\/.*\.ts$/.test(path));
  const places = findMatches(files, /template: (as const )?'[^']+'( \| '[^']+')*/g);
  return places.flatMap((place) => [...place.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name!));
}

/** With usual spaces instead of those that do not break. */
const plain = (...args: Parameters<typeof localMoney>) => localMoney(...args).replaceAll('\u00a0', ' ');

describe('letters', () => {
  it('exist in every language for every template', () => {
    for (const [language, book] of Object.entries(LETTER_BOOKS)) {
      for (const template of MAIL_TEMPLATES) {
        const letter = book.letters[template](FACTS);
        expect(`${language} ${template} ${letter.subject}`).not.toContain('undefined');
        expect(letter.lines.length).toBeGreaterThan(0);
        expect(letter.lines.join(' ')).not.toContain('undefined');
      }
    }
  });

  it('exist for everything that is queued anywhere', () => {
    const queued = queuedTemplates();
    expect(queued).toEqual(expect.arrayContaining(['task-opened', 'payout-paid', 'feedback-told']));
    expect(queued.filter((name) => !isMailTemplate(name))).toEqual([]);
    expect(TOLD_STATES.map((state) => `partner-${state}`).filter((name) => !isMailTemplate(name))).toEqual([]);
  });

  it('say of every kind of task what it asks, in words of their language', () => {
    for (const kind of TASK_KIND_NAMES) {
      const [english, german] = [LETTER_BOOKS.en!.tasks[kind], LETTER_BOOKS.de!.tasks[kind]];
      expect(english).toBeTruthy();
      expect(german).toBeTruthy();
      expect(german).not.toBe(english);
    }
  });

  it('are English for whoever reads neither', () => {
    expect(letterBook('de-AT').language).toBe('de');
    expect(letterBook('ja').language).toBe('en');
  });

  it('say that a contract expired, and when, in words of their language', () => {
    const lines = (language: string) =>
      LETTER_BOOKS[language]!.letters['partner-ended']({ program: 'Acme', isPartner: true, expired: 'X' }).lines;
    expect(lines('en')[0]).toBe('Your contract has expired: it ran until X.');
    expect(lines('de')[0]).toBe('Ihr Vertrag ist ausgelaufen: Er galt bis X.');
  });

  it('escape what strangers wrote', () => {
    const html = renderPage({
      language: 'en',
      subject: '</title><script>1</script>',
      greeting: 'Hello <img src=x onerror=alert(1)>,',
      lines: ['“<b>bold</b>”'],
      link: { href: 'https://x.example/?a="><script>', label: '<i>' },
      closing: 'Acme & Sons',
    });
    expect(html).not.toMatch(/<script|<img|<b>|<i>/);
    expect(html).toContain('Acme &amp; Sons');
  });

  it('write amounts exactly and days in the zone of the reader', () => {
    expect(plain({ minor: 9_007_199_254_740_991, currency: 'EUR' }, 'de')).toBe('90.071.992.547.409,91 €');
    expect(plain({ minor: 1_234, currency: 'JPY' }, 'en')).toBe('JP¥1,234');
    expect(plain({ minor: 1_234, currency: 'KWD' }, 'en')).toBe('KWD 1.234');
    expect(localMoment('2026-12-03T23:30:00Z', { language: 'de', timeZone: 'Europe/Berlin' })).toBe(
      '4. Dezember 2026 um 00:30 MEZ',
    );
  });
});
