import { readText } from './tree.ts';

/** The words of docs/glossary.md: the first column of its tables, one entry per word. */
export function readGlossary(): Set<string> {
  const terms = [...readText('docs/glossary.md').matchAll(/^\| ([a-z0-9, -]+) \|/gm)].map((match) => match[1] ?? '');
  const words = terms.flatMap((term) => term.split(/[ ,-]+/)).filter((word) => word !== '');
  return new Set(words.filter((word) => word !== 'word'));
}

/** Whether the glossary knows a word, in the singular or in the plural. */
export function isKnown(glossary: Set<string>, word: string): boolean {
  const singulars = [word, word.replace(/s$/, ''), word.replace(/es$/, ''), word.replace(/ies$/, 'y')];
  return singulars.some((form) => glossary.has(form));
}

/**
 * The words of a table name or a route that no row explains.
 * @param name for instance `ledger_entry` or `/v1/training-modules/{id}/complete`; what stands in braces is a parameter
 */
export function unknownWords(glossary: Set<string>, name: string): string[] {
  const words = name
    .replace(/\{[^}]*\}|:\w+/g, '')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.filter((word) => word !== '' && word !== 'json' && !isKnown(glossary, word));
}
