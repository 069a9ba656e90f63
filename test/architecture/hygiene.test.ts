import { describe, expect, it } from '@jest/globals';
import { findMatches, listFiles, readText } from './tree.ts';

const MAX_LINES = 300;

/** Names that say nothing: if a function has no home, its noun is missing. */
const CATCH_ALL = /(^|[/.-])(utils?|helpers?|common|misc|managers?|services?|types)(?=[/.-]|$)/;

const SELF = 'test/architecture/hygiene.test.ts';
const files = listFiles().filter((path) => path !== SELF && path !== 'package-lock.json');
const code = files.filter((path) => /\.(ts|js)$/.test(path));
const texts = files.filter((path) =>
  /\.(ts|js|json|md|sql|ya?ml|html|css|eta|env\.example)$|Dockerfile|^\.ci\//.test(path),
);

describe('the tree', () => {
  it(`has no source file of more than ${MAX_LINES} lines`, () => {
    const long = code.map((path) => `${path} ${readText(path).split('\n').length - 1}`);
    expect(long.filter((entry) => Number(entry.split(' ')[1]) > MAX_LINES)).toEqual([]);
  });

  it('has no file and no folder with a name that says nothing', () => {
    expect(files.filter((path) => CATCH_ALL.test(path))).toEqual([]);
    expect(
      ['api/utils.ts', 'db/types.ts', 'a/task-helpers.ts', 'common/a.ts'].filter((path) => !CATCH_ALL.test(path)),
    ).toEqual([]);
    expect(['web/commonality.ts', 'domain/service-level.ts'].filter((path) => CATCH_ALL.test(path))).toEqual([
      'domain/service-level.ts',
    ]);
  });

  it('has no barrel but workflows/index.ts and the factory of activities', () => {
    const barrels = code.filter((path) => /(^|\/)index\.ts$/.test(path));
    expect(barrels.filter((path) => !['workflows/index.ts', 'activities/index.ts'].includes(path))).toEqual([]);
  });

  it('has no work left over in comments', () => {
    expect(findMatches(texts, /\b(TODO|FIXME)\b.*/g)).toEqual([]);
  });

  it('turns no rule off without saying why', () => {
    expect(findMatches(code, /(oxlint|eslint)-disable(?!.* -- ).*|@ts-(ignore|nocheck|expect-error)\s*$/gm)).toEqual(
      [],
    );
  });

  it('names no folder of the machine it was made on and no mirror of a registry', () => {
    expect(
      findMatches(
        texts,
        /(?<![\w.])\/(work|root|home\/\w+)\/[\w.-]+.*|https?:\/\/[^\s"'/]*(artifactory|nexus|verdaccio|jfrog|mirror)[^\s"']*/g,
      ),
    ).toEqual([]);
    expect(readText('package-lock.json')).not.toContain('"resolved": "http');
  });

  it('imports relative files with their ending', () => {
    expect(findMatches(code, /from '\.{1,2}\/[^']*(?<!\.(ts|js|json))'/g)).toEqual([]);
  });
});

describe('domain', () => {
  it('takes the time as an argument', () => {
    const domain = code.filter((path) => path.startsWith('domain/'));
    expect(findMatches(domain, /new Date\(\s*\)|(?<!new )\bDate\(\s*\)/g)).toEqual([]);
  });
});
