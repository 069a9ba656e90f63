import { describe, expect, it } from '@jest/globals';
import { TypeID } from 'typeid-js';
import { newId, newIds } from '../../db/ids.ts';
import { isId } from '../../domain/id.ts';

describe('many ids at once', () => {
  it('are TypeIDs of a UUIDv7 made now, ascending, each another one', () => {
    const from = Date.now();
    const ids = [...newIds('identity', 5_000), ...newIds('identity', 1)];
    const to = Date.now();
    expect(new Set(ids).size).toBe(5_001);
    expect(ids.slice(0, 5_000).toSorted()).toEqual(ids.slice(0, 5_000));
    for (const id of ids) {
      expect(isId('identity', id)).toBe(true);
      const uuid = TypeID.fromString(id).toUUID();
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const ms = Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
      expect(ms).toBeGreaterThanOrEqual(from);
      expect(ms).toBeLessThanOrEqual(to);
    }
  });

  it('count up in the bits behind version and variant, by one', () => {
    const counters = newIds('identity', 5_000).map((id) => {
      const bits = BigInt(`0x${TypeID.fromString(id).toUUID().replaceAll('-', '')}`);
      return Number((((bits >> 64n) & 0xfffn) << 14n) | ((bits >> 48n) & 0x3fffn));
    });
    for (const [index, counter] of counters.entries()) expect(counter).toBe(counters[0]! + index);
  });

  it('sort with those that are made one by one, before and after', async () => {
    const before = newId('identity');
    await new Promise((resolve) => setTimeout(resolve, 2));
    const ids = newIds('identity', 3);
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect([before, ...ids, newId('identity')].toSorted()).toEqual([before, ...ids, expect.any(String)]);
  });
});
