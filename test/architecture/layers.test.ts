import { describe, expect, it } from '@jest/globals';
import { lintPretended, readLintConfig } from './lint-run.ts';

/** One deliberate violation: the file it stands in, its line, and words of the reason that must be given. */
const VIOLATIONS: [path: string, source: string, reason: string][] = [
  ['domain/a.ts', `import { z } from 'zod';`, 'domain is pure: no npm package'],
  ['domain/b.ts', `import { readFileSync } from 'node:fs';`, 'domain is pure: no npm package'],
  ['domain/n.ts', `export { z } from 'zod';`, 'domain is pure: no npm package'],
  ['domain/c/d.ts', `import type { Pool } from '../../db/pool.ts';`, 'domain decides what, and knows nobody'],
  ['domain/e.ts', `export const at = Date.now();`, 'domain has no clock: take `now`'],
  ['domain/f.ts', `export const at = Math.random();`, 'domain has no randomness: ids and seeds'],
  ['domain/g.ts', `export const pid = process.pid;`, 'domain is pure: what it needs to know is handed in'],
  ['domain/h.ts', `export const b = Buffer.from('');`, 'it must also run where there is no Node'],
  ['domain/i.ts', `export const r = fetch('');`, 'activities do, domain decides'],
  ['domain/j.ts', `export const t = performance.now();`, 'domain has no clock'],
  ['domain/k.ts', `export const u = crypto.randomUUID();`, 'domain has no randomness'],
  ['domain/l.ts', `export const t = setTimeout(() => 1, 1);`, 'workflows decide when'],
  ['domain/m.ts', `export const t = setInterval(() => 1, 1);`, 'workflows decide when'],

  [
    'workflows/a.ts',
    `import { sendMail } from '../activities/mail/send.ts';`,
    'workflows know activities by type only',
  ],
  ['workflows/stages/b.ts', `import { split } from '../../domain/money/allocate.ts';`, 'money and calendar arithmetic'],
  ['workflows/c.ts', `import { windowFrom } from '../domain/settlement/calendar.ts';`, 'money and calendar arithmetic'],
  ['workflows/d.ts', `import type { Pool } from '../db/pool.ts';`, 'they reach the world through activities alone'],
  ['workflows/e.ts', `import { z } from 'zod';`, 'a workflow is replayed in a sandbox'],
  ['workflows/f.ts', `import { createHash } from 'node:crypto';`, 'a workflow is replayed in a sandbox'],
  ['workflows/g.ts', `import { Client } from '@temporalio/client';`, 'a workflow is replayed in a sandbox'],

  [
    'activities/a.ts',
    `import { partnerLifecycle } from '../workflows/partner-lifecycle.ts';`,
    'the bodies by type alone',
  ],
  ['activities/b.ts', `import { readConfig } from '../runtime/config.ts';`, 'createActivities(deps)'],
  ['activities/mail/c.ts', `import { createApp } from '../../api/app.ts';`, 'they do not know by whom'],
  ['activities/d.ts', `import pg from 'pg';`, 'SQL has one home'],
  ['activities/e.ts', `import express from 'express';`, 'behind no route'],
  ['activities/f.ts', `import { sleep } from '@temporalio/workflow';`, 'behind no route'],

  ['db/a.ts', `import type { Task } from '../api/contracts/task.ts';`, 'db remembers'],
  ['db/queries/b.ts', `import { log } from '../../runtime/log.ts';`, 'pool handed in'],
  ['db/c.ts', `import { z } from 'zod';`, 'db speaks SQL through pg and nothing else'],
  ['db/d.ts', `import { Client } from '@temporalio/client';`, 'db speaks SQL through pg and nothing else'],
  ['db/seed-main.ts', `import { createApp } from '../api/app.ts';`, 'db remembers'],

  ['api/routes/a.ts', `import { postEntry } from '../../activities/ledger.ts';`, 'it does not do the work itself'],
  ['api/b.ts', `import { createWorker } from '../worker/worker.ts';`, 'it does not do the work itself'],
  ['api/c.ts', `import { partnerLifecycle } from '../workflows/index.ts';`, 'the api knows workflows by messages.ts'],
  ['api/d.ts', `import { seed } from '../stack/seed/seed.ts';`, 'it must not know the local tree'],
  ['api/e.ts', `import pg from 'pg';`, 'SQL has one home'],
  ['api/f.ts', `import { Worker } from '@temporalio/worker';`, 'the api is a client of Temporal'],

  ['web/snippet/a.ts', `import { collection } from '../../api/contracts/collect.ts';`, 'by its routes alone'],
  ['web/snippet/b.ts', `import { z } from 'zod';`, 'the snippet has no dependency'],

  ['worker/a.ts', `import { partnerLifecycle } from '../workflows/index.ts';`, 'by path'],
  ['worker/b.ts', `import { findTask } from '../db/queries/task.ts';`, 'queries belong to activities'],
  ['worker/c.ts', `import { createApp } from '../api/app.ts';`, 'it knows neither the api'],
  ['worker/d.ts', `import pg from 'pg';`, 'SQL has one home'],
  ['worker/e.ts', `import express from 'express';`, 'the worker polls Temporal'],

  ['runtime/a.ts', `import { DomainError } from '../domain/errors.ts';`, 'runtime is what every process needs'],
  ['stack/a.ts', `import { story } from '../demo/story.ts';`, 'stack brings the parts up'],
  ['audit/a.ts', `import { createActivities } from '../activities/index.ts';`, 'must not vouch for it'],
  ['audit/b.ts', `import pg from 'pg';`, 'SQL has one home'],
  ['demo/a.ts', `import { createPool } from '../db/pool.ts';`, 'missing in the API'],
  ['demo/b.ts', `import { Client } from '@temporalio/client';`, 'it speaks HTTP'],
  [
    'bench/a.ts',
    `import { aPartner } from '../test/support/partner.ts';`,
    'a measurement stands on the product, not on its tests',
  ],

  ['api/g.ts', `export const url = process.env.DATABASE_URL;`, 'no-process-env'],
  ['api/Utils.ts', `export const a = 1;`, 'filename-case'],
  ['api/i.ts', `import { two } from './i.ts';\nexport const one = () => two;`, 'no-self-import'],
  ['api/h.ts', `export const load = () => import('../activities/ledger.ts');`, 'it does not do the work itself'],
];

/** Two files that need each other: the rule has no reason of ours, because it is one for all layers. */
const CYCLE: [path: string, source: string][] = [
  ['domain/cycle-a.ts', `import { b } from './cycle-b.ts';\nexport const a = () => b;`],
  ['domain/cycle-b.ts', `import { a } from './cycle-a.ts';\nexport const b = () => a;`],
];
/** By type alone files may need each other: nothing of it is left when they run. */
const TYPE_CYCLE: [path: string, source: string][] = [
  ['domain/type-a.ts', `import type { B } from './type-b.ts';\nexport interface A {\n  b: B;\n}`],
  ['domain/type-b.ts', `import type { A } from './type-a.ts';\nexport interface B {\n  a: A;\n}`],
];

/** What stands beside each rule and must stay possible. */
const ALLOWED: [path: string, source: string][] = [
  ['domain/ok.ts', `export { money } from './money/money.ts';`],
  ['workflows/ok-a.ts', `export type { Activities } from '../activities/index.ts';`],
  ['workflows/ok-b.ts', `export { nextState } from '../domain/partner/lifecycle.ts';`],
  ['workflows/ok-c.ts', `export { sleep } from '@temporalio/workflow';`],
  ['workflows/ok-d.ts', `export type { Money } from '../domain/money/money.ts';`],
  ['activities/ok-a.ts', `export { completeTask } from '../workflows/messages.ts';`],
  ['activities/ok-b.ts', `export { log } from '../runtime/log.ts';`],
  ['activities/ok-c.ts', `export type { Pool } from 'pg';`],
  ['db/ok-a.ts', `export { default } from 'pg';`],
  ['db/ok-b.ts', `export { invalid } from '../domain/errors.ts';`],
  ['db/ok-c.ts', `export { fileURLToPath } from 'node:url';`],
  ['db/queries/ok-d.ts', `export { inTransaction } from '../transaction.ts';`],
  ['db/ok-main.ts', `export { readConfig } from '../runtime/config.ts';`],
  ['api/ok-a.ts', `export { completeTask } from '../workflows/messages.ts';`],
  ['api/ok-b.ts', `export { findTask } from '../db/queries/task.ts';`],
  ['worker/ok-a.ts', `export { createPool } from '../db/pool.ts';`],
  ['worker/ok-b.ts', `export { createActivities } from '../activities/index.ts';`],
  ['audit/ok.ts', `export { findTask } from '../db/queries/task.ts';`],
  ['stack/ok.ts', `export { createPool } from '../db/pool.ts';`],
  ['runtime/config.ts', `export const home = process.env.HOME;`],
];

/** Rules outside the overrides that say who may import or read what; the others are about the code of one file. */
const OF_LAYERS = /no-cycle|no-self-import|no-restricted|no-process-env|filename-case/;

const layerFindings = (found: string[]) =>
  found.filter((text) => /no-restricted|no-self-import|no-process-env|filename-case/.test(text));

describe('the layers of docs/architecture.md', () => {
  const found = lintPretended(Object.fromEntries([...VIOLATIONS, ...CYCLE, ...TYPE_CYCLE, ...ALLOWED]));

  it.each(VIOLATIONS)('%s may not hold %s', (path, _source, reason) => {
    expect(layerFindings(found.get(path) ?? [])).toEqual([expect.stringContaining(reason)]);
  });

  it.each(ALLOWED)('%s may hold %s', (path) => {
    expect(layerFindings(found.get(path) ?? [])).toEqual([]);
  });

  it('may not go round in circles, but by types', () => {
    const cycles = [...found].filter(([, texts]) => texts.some((text) => text.includes('no-cycle')));
    // What imports itself goes round, too.
    expect(cycles.map(([path]) => path).toSorted()).toEqual(['api/i.ts', ...CYCLE.map(([path]) => path)]);
  });

  it('has a deliberate violation for every rule that holds everywhere', () => {
    const given = [...found.values()].flat().join('\n');
    const ofLayers = Object.keys(readLintConfig().rules).filter((rule) => OF_LAYERS.test(rule));
    expect(ofLayers).toEqual([
      'import/no-cycle',
      'import/no-self-import',
      'node/no-process-env',
      'unicorn/filename-case',
    ]);
    expect(ofLayers.filter((rule) => !given.includes(rule.split('/')[1]!))).toEqual([]);
  });

  it('has a deliberate violation for every reason in the rules', () => {
    const given = [...found.values()].flat().join('\n');
    const reasons = new Set(JSON.stringify(readLintConfig().overrides).match(/(?<="message":")(?:[^"\\]|\\.)*/g));
    expect(reasons.size).toBeGreaterThan(20);
    expect(
      [...reasons].map((text) => JSON.parse(`"${text}"`) as string).filter((text) => !given.includes(text)),
    ).toEqual([]);
  });
});
