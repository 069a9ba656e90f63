import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { Tree } from '../support/tree.ts';
import { readText, ROOT } from './tree.ts';

const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };

/** Commands of ours; the others hand over to programs that explain themselves. */
const OURS = Object.keys(scripts).filter((name) => name === 'start' || scripts[name]?.includes('tsx '));

function run(name: string, option: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    // As `npm run` does it, without npm's own half second, and without the build that some begin with: it is done once, below.
    const command = scripts[name]!.replace(/^npm run --silent build && /, '');
    const env = { ...process.env, PATH: `${ROOT}/node_modules/.bin:${process.env.PATH}` };
    execFile('sh', ['-c', `${command} ${option}`], { cwd: ROOT, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

describe('each command of package.json', () => {
  // Some build before they answer; in a fresh clone that takes longer than a test may.
  beforeAll(() => Tree.build(), 300_000);

  it.each(OURS)('%s explains itself by --help', async (name) => {
    const { code, output } = await run(name, '--help');
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^usage: /im) });
    expect(output).toContain('--help');
  });

  it.each(OURS)('%s refuses an option that it does not know', async (name) => {
    const { code, output } = await run(name, '--no-such-option');
    expect(code).not.toBe(0);
    expect(output).toContain('--no-such-option');
    expect(output).not.toMatch(/^\s+at .*\(/m);
  });
});
