import { describe, expect, it } from '@jest/globals';
import { readText } from './tree.ts';

/** Names that runtime/config.ts reads: the keys of its schema, and what it takes from the environment by name. */
function settingNames(): string[] {
  const source = readText('runtime/config.ts');
  const keys = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm), ...source.matchAll(/\benv\.([A-Z][A-Z0-9_]+)/g)];
  // XDG_… belongs to the desktop, not to us.
  return [...new Set(keys.map((match) => match[1] ?? ''))].filter((name) => !name.startsWith('XDG_')).toSorted();
}

/** Settings of `.env.example` with the comment right above each. */
function explained(example: string): Map<string, string> {
  const settings = new Map<string, string>();
  let comment = '';
  for (const line of example.split('\n')) {
    const name = /^(?:# ?)?([A-Z][A-Z0-9_]+)=/.exec(line)?.[1];
    if (name !== undefined) settings.set(name, comment.trim());
    comment = name === undefined && line.startsWith('#') ? `${comment} ${line.replace(/^#+ ?/, '')}` : '';
  }
  return settings;
}

describe('.env.example', () => {
  it('explains every setting in a sentence', () => {
    const settings = explained(readText('.env.example'));
    expect(settingNames().length).toBeGreaterThan(10);
    const silent = settingNames().filter((name) => !/\p{L}{2,}.*\s.*[.:;)…]$/u.test(settings.get(name) ?? ''));
    expect(silent).toEqual([]);
  });

  it('names no setting that nothing reads', () => {
    const known = new Set(settingNames());
    const unknown = [...explained(readText('.env.example')).keys()].filter((name) => !known.has(name));
    // Temporal's own environment configuration reads further variables of its own.
    expect(unknown.filter((name) => !name.startsWith('TEMPORAL_'))).toEqual([]);
  });

  it('is read line by line: a sentence belongs to the setting below it', () => {
    const settings = explained('# How loud the log is.\nLOG_LEVEL=info\n\nA_B=1\n# Optional, off.\n# C_D=2\n');
    expect([...settings]).toEqual([
      ['LOG_LEVEL', 'How loud the log is.'],
      ['A_B', ''],
      ['C_D', 'Optional, off.'],
    ]);
  });
});
