import { readFileSync } from 'node:fs';

/** Worked figures have many shapes; each test knows its own. */
type Vector = any;

/** One worked figure with its public source, from `test/vectors/<file>.json`. */
export function vector(file: 'attribution' | 'settlement', id: string): Vector {
  const path = new URL(`../vectors/${file}.json`, import.meta.url);
  const found = (JSON.parse(readFileSync(path, 'utf8')) as { id: string }[]).find((item) => item.id === id);
  if (!found) throw new Error(`There is no vector ${id} in ${file}.json.`);
  return found;
}
