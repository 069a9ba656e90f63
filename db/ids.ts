import { typeid } from 'typeid-js';
import { ID_PREFIXES } from '../domain/id.ts';
import type { Id, IdKind } from '../domain/id.ts';

/** Makes a new id of that kind (a TypeID: prefix and a UUIDv7), sortable by the time it was made. */
export function newId<K extends IdKind>(kind: K): Id<K> {
  return typeid(ID_PREFIXES[kind]).toString() as Id<K>;
}

/** Makes the id of that kind with a suffix that exists already, so that a repeated request names the same thing. */
export function idFromSuffix<K extends IdKind>(kind: K, suffix: string): Id<K> {
  return `${ID_PREFIXES[kind]}_${suffix}` as Id<K>;
}

/** The 26 characters behind the prefix. */
export function idSuffix(id: string): string {
  return id.slice(id.indexOf('_') + 1);
}
