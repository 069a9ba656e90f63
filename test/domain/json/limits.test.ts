import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../../domain/json/canonical.ts';
import { findJsonFault, findLostField } from '../../../domain/json/limits.ts';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('findJsonFault', () => {
  it.each([
    ['a number beyond doubles', '{"a":[1,{"b":1e400}]}', 'a.1.b', /finite/],
    ['one below them', '[-1e999]', '0', /finite/],
    ['one alone', '1e400', '', /finite/],
    ['a level too many', '{"a":{"b":{"c":{}}}}', 'a.b.c', /at most 3 levels/],
  ])('names the place of %s', (_name, text, path, message) => {
    expect(findJsonFault(JSON.parse(text), 3)).toEqual({ path, message: expect.stringMatching(message) });
  });

  it('finds nothing where all is in order', () => {
    for (const value of [null, 'a', -0, 1e308, [[[]]], { a: { b: { c: [][0] } } }])
      expect(findJsonFault(value, 3)).toBeNull();
  });

  it('goes no deeper than it allows', () => {
    expect(findJsonFault(nested(64), 64)).toBeNull();
    expect(findJsonFault(nested(65), 64)).not.toBeNull();
    expect(findJsonFault(nested(1_000_000), 64)).not.toBeNull();
  });

  it('leaves nothing that canonicalJson cannot write', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        fc.pre(findJsonFault(value, 32) === null);
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('findLostField', () => {
  it.each([
    ['{"__proto__":1}', '__proto__'],
    ['{"a":[{"b":2},{"b":{"__proto__":{}}}]}', 'a.1.b.__proto__'],
  ])('names the place of it in %s', (text, path) => {
    expect(findLostField(JSON.parse(text))).toEqual({ path, message: expect.stringContaining('__proto__') });
  });

  it('finds nothing in names that are kept, nor in what objects have from elsewhere', () => {
    for (const text of ['null', '"__proto__"', '["__proto__"]', '{"constructor":1,"__proto":{"toString":2}}', '[]'])
      expect(findLostField(JSON.parse(text))).toBeNull();
  });
});
