import { EVENT_TEXTS } from '../domain/event/catalogue.ts';

/** Who acted, in words: a name where there is one. */
export interface ShownActor {
  kind: string;
  name: string;
}

const WITHOUT_NAME: Record<string, string> = {
  person: 'A person of the team',
  partner: 'The partner',
  key: 'An API key',
  rule: 'The rule of the programme',
  system: 'Tandem',
  customer: 'A customer',
};

export function actorName(kind: string, name: string | null): string {
  return name ?? WITHOUT_NAME[kind] ?? kind;
}

/**
 * An event in plain words: the text of its kind with the actor's name and its data filled in.
 * @param names of persons and partners that the data names by id
 */
export function eventText(
  kind: string,
  actor: string,
  data: Record<string, unknown>,
  names: Map<string, string>,
): string {
  const text: string = Object.hasOwn(EVENT_TEXTS, kind) ? EVENT_TEXTS[kind as keyof typeof EVENT_TEXTS] : kind;
  return text.replaceAll(/\{([\w.]+)\}/g, (_, field: string) =>
    field === 'actor' ? actor : inWords(data[field], names),
  );
}

function inWords(value: unknown, names: Map<string, string>): string {
  if (value === undefined || value === null) return '–';
  if (Array.isArray(value)) return value.map((item) => inWords(item, names)).join(', ');
  if (typeof value === 'object') return JSON.stringify(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return names.get(text) ?? text;
}
