import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowBundle } from '../support/bundle.ts';
import { listFiles, readText } from './tree.ts';

/**
 * Bytes of code, without the source map at its end (which makes up two thirds of the file and costs a replay nothing).
 * Temporal's own part is 520 kB; a validation library would add 460 kB and double the time of a replay.
 */
const MAX_BYTES = 900_000;

const withoutSourceMap = (code: string) => code.replace(/\n\/\/# sourceMappingURL=.*/, '');

const PACKAGES = ['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc'];

const packagesIn = (code: string) =>
  [
    ...new Set([...code.matchAll(/node_modules\/((?:@[^/"]+\/)?[^/"!]+)\//g)].map((match) => match[1] ?? '')),
  ].toSorted();

describe('the bundle of workflows/', () => {
  let code: string;
  beforeAll(async () => {
    code = readFileSync((await workflowBundle()).codePath, 'utf8');
  });

  it('stays below 900 kB of code', () => {
    expect(withoutSourceMap(code).length).toBeLessThanOrEqual(MAX_BYTES);
  });

  it('holds no package but Temporal and what it brings', () => {
    expect(packagesIn(code)).toEqual(PACKAGES);
  });

  it('holds workflows and rules, and nothing of activities, db, api or runtime', () => {
    const ours = [...code.matchAll(/"\.\/(domain|workflows|activities|db|api|runtime|worker)\/[\w./-]+\.ts"/g)];
    expect([...new Set(ours.map((match) => match[1]))].toSorted()).toEqual(['domain', 'workflows']);
  });
});

describe('workflows/index.ts', () => {
  /** The rows of docs/architecture.md: name and id. */
  const documented = () => {
    const [, section = ''] = readText('docs/architecture.md').split(/^## Workflows$/m);
    return [...section.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1] ?? '');
  };

  it('exports exactly the workflows of docs/architecture.md, because whatever it exports can be started from outside', async () => {
    const exported = (await import('../../workflows/index.ts')) as Record<string, unknown>;
    expect(Object.keys(exported).toSorted()).toEqual(documented().toSorted());
    expect(Object.values(exported).every((workflow) => typeof workflow === 'function')).toBe(true);
  });

  it('names each workflow like its file', () => {
    const files = new Set(listFiles());
    const fileOf = (name: string) => `workflows/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
    expect(documented().filter((name) => !files.has(fileOf(name)))).toEqual([]);
  });
});

describe('a workflow that brings a validation library', () => {
  it('breaks both limits', async () => {
    const workflowsPath = fileURLToPath(new URL('./fixtures/heavy-workflow.ts', import.meta.url));
    const heavy = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    expect(withoutSourceMap(heavy.code).length).toBeGreaterThan(MAX_BYTES);
    expect(packagesIn(heavy.code)).toContain('zod');
  });
});
