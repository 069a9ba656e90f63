import { decimalText } from '../money/format.ts';
import { EVENT_TEXTS } from './catalogue.ts';

/** Names of persons and partners that the data of an event says by id. */
export type Names = ReadonlyMap<string, string>;

/**
 * An event in plain words: the text of its kind with `{actor}` and the names of its data filled in.
 * Amounts, whose names end in `Minor`, are shown in whole units of `data.currency`.
 * A kind that is not in the catalogue, from an older or newer version, is shown by its name.
 */
export function eventText(
  kind: string,
  data: Record<string, unknown>,
  actorName: string,
  names: Names = new Map(),
): string {
  if (!Object.hasOwn(EVENT_TEXTS, kind)) return kind;
  const text = EVENT_TEXTS[kind as keyof typeof EVENT_TEXTS];
  return text.replaceAll(/\{(\w+)\}/g, (_, field: string) =>
    field === 'actor' ? actorName : shownField(field, data, names),
  );
}

function shownField(name: string, data: Record<string, unknown>, names: Names): string {
  const value = data[name];
  const { currency } = data;
  const isAmount = name.endsWith('Minor') && typeof value === 'number' && typeof currency === 'string';
  return isAmount ? decimalText({ minor: value, currency }) : shown(value, names);
}

function shown(value: unknown, names: Names): string {
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.map((item) => shown(item, names)).join(', ');
  if (typeof value === 'string') return names.get(value) ?? value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '…';
}
