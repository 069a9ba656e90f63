import { describe, expect, it } from '@jest/globals';
import { findMatches, LAYERS, listFiles } from './tree.ts';

const STATEMENT =
  /[`'"]\s*(select\s[^`'"]*?\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|truncate\s+\w)/gi;

/** What Tandem is measured against is plain SQL, and fills its own database by it. */
const RIVAL = /^bench\/credit[./]/;

describe('SQL', () => {
  it('stands under db/ and nowhere else in the product', () => {
    const others = listFiles().filter((path) => LAYERS.some((layer) => layer !== 'db' && path.startsWith(`${layer}/`)));
    expect(
      findMatches(
        others.filter((path) => path.endsWith('.ts') && !RIVAL.test(path)),
        STATEMENT,
      ),
    ).toEqual([]);
  });

  it('is recognised by the pattern above', () => {
    const texts = [
      'query(`select id\n from task where id = $1`)',
      "'insert into task (id) values ($1)'",
      '"update task set state = $1"',
      "'delete from task'",
    ];
    expect(texts.map((text) => [...text.matchAll(STATEMENT)].length)).toEqual([1, 1, 1, 1]);
    expect([..."'Select a partner to continue'".matchAll(STATEMENT)]).toEqual([]);
  });
});
