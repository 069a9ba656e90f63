import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { readServersFile } from './servers-file.ts';

/**
 * The bundle of `workflows/index.ts`, made once per jest run: hand it to `Worker.create({ workflowBundle, … })`.
 * Bundling takes a second or two, so workers of tests must not each do it.
 */
export async function workflowBundle(): Promise<{ codePath: string }> {
  const codePath = join(readServersFile().stateDir, 'workflow-bundle.js');
  if (existsSync(codePath)) return { codePath };
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  const half = `${codePath}.${process.pid}`;
  writeFileSync(half, code);
  renameSync(half, codePath);
  return { codePath };
}
