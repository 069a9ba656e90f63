import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { APART, findApart } from '../../bench/apart.ts';

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

function bench(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  });
  return { status, output: stdout + stderr };
}

it.each(APART)('runs %s alone, with options of its own', (name) => {
  expect(bench('--only', name, '--help')).toEqual({ status: 0, output: expect.stringContaining(`bench/${name}.ts`) });
});

it('measures what it is asked to and nothing else, and passes on how that ended', () => {
  const { status, output } = bench('--arithmetic', '--only=credit', '--conversions', '500');
  expect(output).toMatch(/^500 conversions under 5 models: \d+ ms of CPU on one core$/m);
  expect(status).toBe(0);
  expect(bench('--only', 'study', '--no-such-option')).toEqual({
    status: 1,
    output: expect.stringContaining('--no-such-option'),
  });
});

it('refuses a name that it does not know before it starts anything, and says which there are', () => {
  const { status, output } = bench('--only', 'everything');
  expect(status).toBe(1);
  expect(output).toMatch(/journey, redirect, credit, feed, study, import, markov, insight/);
});

it('keeps every option but --only for the bench that runs apart', () => {
  expect(findApart(['--rounds', '2', '--only', 'study', '--conversions', '9'])).toEqual({
    name: 'study',
    own: ['--rounds', '2', '--conversions', '9'],
  });
  expect(findApart(['--only', 'redirect'])).toBeUndefined();
  expect(findApart([])).toBeUndefined();
});
