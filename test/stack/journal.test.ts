import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openJournal } from '../../stack/provider/journal.ts';

describe('a journal', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tandem-journal-'));
    file = join(dir, 'book.jsonl');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function replay(): number[] {
    const entries: number[] = [];
    openJournal<{ n: number }>(file, (entry) => entries.push(entry.n)).close();
    return entries;
  }

  it('replays what was appended, in order', () => {
    const journal = openJournal<{ n: number }>(file, () => undefined);
    journal.append({ n: 1 });
    journal.append({ n: 2 });
    journal.close();
    expect(replay()).toEqual([1, 2]);
  });

  it('cuts off a last line that a crash left unfinished, so that the next entry stands alone', () => {
    writeFileSync(file, '{"n":1}\n{"n":2');
    expect(replay()).toEqual([1]);
    const journal = openJournal<{ n: number }>(file, () => undefined);
    journal.append({ n: 3 });
    journal.close();
    expect(replay()).toEqual([1, 3]);
  });

  it('refuses to go on over a broken line in the middle, and changes nothing', () => {
    writeFileSync(file, '{"n":1}\n');
    appendFileSync(file, 'rubbish\n{"n":2}\n');
    expect(() => replay()).toThrow(/book\.jsonl, line 2, is no entry/);
    expect(readFileSync(file, 'utf8')).toBe('{"n":1}\nrubbish\n{"n":2}\n');
  });
});
