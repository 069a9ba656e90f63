import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A caught mail as `GET /messages` shows it. `to` is the address, several joined by `, `. */
export interface CaughtMail {
  id: string;
  from: string;
  to: string;
  subject: string;
  text: string;
  /** `null` when the mail has no HTML part. */
  html: string | null;
  receivedAt: string;
}

export interface MailStore {
  /** Keeps the mail on disk before it returns; the oldest go when there are more than `keep`. */
  add(mail: Omit<CaughtMail, 'id' | 'receivedAt'>): CaughtMail;
  /** Newest first; `to` compares whole addresses, in any case. */
  list(filter?: { to?: string | undefined; limit?: number }): CaughtMail[];
  find(id: string): CaughtMail | undefined;
}

/** Opens the store in `dir`, one file a mail, named so that the order of names is the order of receipt. */
export function openMailStore(dir: string, keep = 2000): MailStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const mails = readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .flatMap((name) => readMail(join(dir, name)));
  let last = 0;

  return {
    add(mail) {
      // Two mails in one millisecond must keep their order.
      last = Math.max(Date.now(), last + 1);
      const id = `${last.toString(36).padStart(9, '0')}${randomBytes(4).toString('hex')}`;
      const caught = { id, ...mail, receivedAt: new Date(last).toISOString() };
      writeFileSync(join(dir, `${id}.new`), JSON.stringify(caught), { mode: 0o600 });
      renameSync(join(dir, `${id}.new`), join(dir, `${id}.json`));
      mails.push(caught);
      for (const old of mails.splice(0, Math.max(0, mails.length - keep)))
        rmSync(join(dir, `${old.id}.json`), { force: true });
      return caught;
    },
    list({ to, limit = keep } = {}) {
      const wanted = to?.trim().toLowerCase();
      const found =
        wanted === undefined ? mails : mails.filter((mail) => mail.to.toLowerCase().split(', ').includes(wanted));
      return found.slice(-limit).toReversed();
    },
    find: (id) => mails.find((mail) => mail.id === id),
  };
}

/** A file that a crash cut is no mail: the sender was not told "accepted", so it sends again. */
function readMail(file: string): CaughtMail[] {
  try {
    return [JSON.parse(readFileSync(file, 'utf8')) as CaughtMail];
  } catch {
    return [];
  }
}
