import { decimalText } from '../money/format.ts';
import { EVENT_TEXTS } from './catalogue.ts';

/**
 * An event in plain words: the text of its kind with `{actor}` and the names of its data filled in.
 * Amounts, whose names end in `Minor`, are shown in whole units of `data.currency`.
 * A kind that is not in the catalogue, from an older or newer version, is shown by its name.
 */
export function eventText(kind: string, data: Record<string, unknown>, actorName: string): string {
  if (!Object.hasOwn(EVENT_TEXTS, kind)) return kind;
  const text = EVENT_TEXTS[kind as keyof typeof EVENT_TEXTS];
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'actor' ? actorName : shownField(name, data)));
}

function shownField(name: string, data: Record<string, unknown>): string {
  const value = data[name];
  const { currency } = data;
  const isAmount = name.endsWith('Minor') && typeof value === 'number' && typeof currency === 'string';
  return isAmount ? decimalText({ minor: value, currency }) : shown(value);
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '…';
}
