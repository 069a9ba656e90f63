import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  date: 'an instant',
  null: 'null',
};

/** What to do about a value that its contract refuses, where the contract itself has no words for it. */
export function faultWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const what = TYPES[issue.expected] ?? `a value of type ${issue.expected}`;
      return issue.input === undefined ? `Give this field: ${what}.` : `Give ${what}.`;
    }
    case 'invalid_value':
      return issue.values.length === 1 ? `Give ${shown(issue.values)}.` : `Give one of ${shown(issue.values)}.`;
    case 'too_small':
      return boundWords(issue, 'at least', Number(issue.minimum), issue.inclusive ?? true);
    case 'too_big':
      return boundWords(issue, 'at most', Number(issue.maximum), issue.inclusive ?? true);
    case 'not_multiple_of':
      return `Give a multiple of ${issue.divisor}.`;
    case 'invalid_format':
      return 'Give a text of the form that the documentation says.';
    case 'invalid_key':
      return 'No field may have such a name.';
    default:
      return 'This value has none of the forms that the documentation says.';
  }
}

function boundWords(issue: Issue & { origin: string }, which: string, bound: number, isInclusive: boolean): string {
  const limit = bound.toLocaleString('en', { maximumFractionDigits: 20 });
  const end = bound === 1 ? '' : 's';
  if (issue.origin === 'string') return `Give ${which} ${limit} character${end}.`;
  if (issue.origin === 'array' || issue.origin === 'set') return `Give ${which} ${limit} item${end}.`;
  if (issue.origin === 'object' || issue.origin === 'map') return `Give ${which} ${limit} field${end}.`;
  if (isInclusive) return `Give ${which} ${limit}.`;
  return `Give ${which === 'at most' ? 'less' : 'more'} than ${limit}.`;
}

function shown(values: readonly unknown[]): string {
  return values.map(String).join(', ');
}
