import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removePostgresFolder } from '../../runtime/embedded/postgres-folder.ts';
import { findFreePort } from '../../runtime/free-port.ts';
import { makeRunFolder } from '../support/servers-file.ts';
import { Tree } from '../support/tree.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The shell lines under "One journey by curl". */
function journey(): string {
  const [, section = ''] = readme.split('## One journey by curl');
  return /```sh\n([^]*?)```/.exec(section)?.[1] ?? '';
}

function runInBash(script: string, cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    // Started by another program, bash may take itself for a remote shell and read the machine's bashrc.
    execFile(
      'bash',
      ['--norc', '-euo', 'pipefail', '-c', script],
      { cwd, timeout: 60_000 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
      },
    );
  });
}

describe('the journey of the README', () => {
  let tree: Tree;
  let folder: string;

  beforeAll(async () => {
    Tree.build();
    folder = makeRunFolder('readme-');
    tree = new Tree(join(folder, 'state'), await findFreePort());
    mkdirSync(tree.stateDir);
    symlinkSync(tree.stateDir, join(folder, '.tandem'));
    await tree.start(['--fast']);
  }, 300_000);

  afterAll(async () => {
    await tree.signal('SIGINT');
    removePostgresFolder(tree.stateDir);
    rmSync(folder, { recursive: true, force: true });
  });

  it('leads from the invitation to an active partner', async () => {
    const { code, output } = await runInBash(journey(), folder);
    expect(output).toMatch(/^active, waiting for nobody$/m);
    expect({ code, lastLines: output.split('\n').slice(-12) }).toEqual({ code: 0, lastLines: expect.anything() });
    expect(output).not.toContain('urn:tandem:problem');
    expect(output.trim().split('\n').at(-1)).toMatch(/^\d{4}-\d\d-\d\dT\S+Z {2}\S.*\.$/);
  });
});
