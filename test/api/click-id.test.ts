import { expect, it } from '@jest/globals';
import { newClickId } from '../../api/redirect/click-id.ts';
import { isOwnClickId } from '../../db/intake/waiting-click.ts';

it('is 128 bits as 22 characters of a URL, never the same twice, however many are drawn at once', () => {
  const ids = Array.from({ length: 10_000 }, newClickId);
  expect(new Set(ids).size).toBe(10_000);
  expect(ids.filter((id) => !/^[\w-]{22}$/.test(id))).toEqual([]);
  expect(new Set(ids.map((id) => id.slice(0, 11))).size).toBe(10_000);
});

it('is told from the ids of others by its form', () => {
  const ids = Array.from({ length: 1_000 }, newClickId);
  expect(ids.filter((id) => !isOwnClickId(id))).toEqual([]);
  const foreign = ['', 'EAIaIQobChMI4', ids[0]!.slice(1), `${ids[0]}A`, `${ids[0]!.slice(0, 21)}B`, null];
  expect(foreign.filter(isOwnClickId)).toEqual([]);
});
