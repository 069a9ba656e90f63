import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findMatches, listFiles, readText, ROOT } from './tree.ts';

interface Manifest {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const manifest = JSON.parse(readText('package.json')) as Manifest;
const pages = listFiles().filter((path) => path.endsWith('.md'));

/** The anchor of a heading, as the usual renderers make it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const headingsOf = (page: string) =>
  [...readText(page).matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ''));

/** What a link of a page cannot find, or null. Links to other sites are not followed. */
function brokenLink(page: string, target: string): string | null {
  if (/^[a-z]+:/.test(target)) return null;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, file))) return `${page} → ${target}`;
  return anchor === undefined || headingsOf(file).includes(anchor) ? null : `${page} → ${target}`;
}

describe('the Markdown pages', () => {
  it('link to what exists', () => {
    const broken = pages.flatMap((page) =>
      [...readText(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => brokenLink(page, match[1] ?? '')),
    );
    expect(broken.filter((link) => link !== null)).toEqual([]);
    expect(brokenLink('README.md', 'docs/nowhere.md')).toBe('README.md → docs/nowhere.md');
    expect(brokenLink('README.md', 'docs/glossary.md#nowhere')).toBe('README.md → docs/glossary.md#nowhere');
  });

  it('name commands that package.json has', () => {
    const named = findMatches(pages, /npm (run (-s |--silent )?[a-z][\w:-]*|start|test)/g);
    const unknown = named.filter((entry) => {
      const words = entry
        .split(' ')
        .slice(1)
        .filter((word) => !['npm', 'run', '-s', '--silent'].includes(word));
      return manifest.scripts[words[0] ?? ''] === undefined;
    });
    expect(unknown).toEqual([]);
  });

  it('are all reached from the README or from a page that it reaches', () => {
    const reached = new Set(['README.md']);
    for (const page of reached) {
      for (const [, target = ''] of readText(page).matchAll(/\]\(([^)\s#]+)/g)) {
        const file = join(dirname(page), target).replace(/\/$/, '');
        for (const found of pages.filter((path) => path === file || dirname(path) === file)) reached.add(found);
      }
    }
    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });
});

describe('docs/testing.md', () => {
  /** The first column of the table under a heading. */
  const firstColumn = (heading: string) => {
    const section = readText('docs/testing.md').split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
    return [...section.matchAll(/^\| `([\w-]+)`/gm)].map((match) => match[1] ?? '').toSorted();
  };

  it('tells what each project of jest proves', () => {
    const projects = [...readText('jest.config.js').matchAll(/project\('([\w-]+)'/g)].map((match) => match[1] ?? '');
    expect(firstColumn('Projects')).toEqual(projects.toSorted());
  });

  it('tells when each architecture test fails', () => {
    const tests = listFiles().map((path) => /^test\/architecture\/([\w-]+)\.test\.ts$/.exec(path)?.[1]);
    expect(firstColumn('What the architecture tests hold')).toEqual(
      tests.filter((name) => name !== undefined).toSorted(),
    );
  });
});

describe('package.json', () => {
  it('has a line in decision 2 for every library', () => {
    const page = readText('docs/decisions/0002-libraries.md');
    const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
    expect(names.filter((name) => !name.startsWith('@types/') && !page.includes(`| \`${name}\` `))).toEqual([]);
    const listed = [...page.matchAll(/^\| `([^`*]+)`/gm)].map((match) => match[1] ?? '');
    expect(listed.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('names only programs that exist', () => {
    const missing = Object.entries(manifest.scripts).filter(([, command]) =>
      [...command.matchAll(/(?:tsx|node) ([\w/.-]+\.[jt]s)/g)].some(([, program = '']) => {
        const source = program.replace(/^dist\/(.*)\.js$/, '$1.ts');
        return !existsSync(join(ROOT, source));
      }),
    );
    expect(missing).toEqual([]);
  });

  it('pins every version exactly', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });
});

describe('.ci/run', () => {
  it('runs what the README calls the test', () => {
    expect(readText('README.md')).toContain('npm ci && npm test');
    expect(readText('.ci/run')).toMatch(/npm ci[\w -]* && npm test'/);
  });
});
