import { canonicalJson } from './canonical.ts';
import { decimalText } from '../money/format.ts';
import type { Money } from '../money/money.ts';

/** One difference between two documents: where, what stood there, and what stands there now. */
export interface Difference {
  path: string;
  before: string;
  after: string;
  /** In plain words: `calendar.lockAfter: P27D → P10D`. */
  text: string;
}

/** What changed between two versions of terms or of a policy, field by field, in order of the path. */
export function documentDiff(before: unknown, after: unknown): Difference[] {
  const [old, now] = [leaves(before), leaves(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path) ?? 'not set', now.get(path) ?? 'not set'];
    return was === is ? [] : [{ path, before: was, after: is, text: `${path}: ${was} → ${is}` }];
  });
}

/** The leaves of a document by path; amounts of money and lists of texts count as one leaf, because people read them so. */
function leaves(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (value === undefined || value === null) return found;
  if (isMoney(value)) found.set(path, `${decimalText(value)} ${value.currency}`);
  else if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    found.set(path, value.join(', ') || 'none');
  else if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      // People count rules from one.
      const name = Array.isArray(value) ? String(Number(key) + 1) : key;
      leaves(item, path === '' ? name : `${path}.${name}`, found);
    }
  } else found.set(path, typeof value === 'string' ? value : canonicalJson(value));
  return found;
}

function isMoney(value: unknown): value is Money {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value).sort().join() : '';
  return keys === 'currency,minor';
}
