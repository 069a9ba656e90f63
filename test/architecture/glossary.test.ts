import { describe, expect, it } from '@jest/globals';
import { readGlossary, unknownWords } from './glossary.ts';
import { readText } from './tree.ts';

const glossary = readGlossary();

/** Partitions by time are named after their quarter. */
const PARTITION = /_\d{4}(q\d|_?\d{2})$/;

describe('docs/glossary.md', () => {
  it('explains every word of every table name', () => {
    const tables = [...readText('db/schema.sql').matchAll(/^create table (\w+)/gm)].map((match) => match[1] ?? '');
    expect(tables.length).toBeGreaterThan(50);
    const faults = tables
      .filter((table) => !PARTITION.test(table))
      .map((table) => [table, unknownWords(glossary, table)]);
    expect(faults.filter(([, words]) => words?.length !== 0)).toEqual([]);
  });

  it('finds a word that it does not explain', () => {
    expect(unknownWords(glossary, 'affiliate_reward')).toEqual(['affiliate', 'reward']);
    expect(unknownWords(glossary, '/v1/partners/{affiliateId}/payout-details')).toEqual([]);
    expect(unknownWords(glossary, '/v1/affiliates/:id')).toEqual(['affiliates']);
  });
});
