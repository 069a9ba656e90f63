import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Where `npm run build` puts the bundle: beside the compiled workflows. */
const BUILT = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/** The workflow source beside this file: TypeScript under tsx and jest, JavaScript in `dist/`. */
function workflowsPath(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url));
}

/** Bundles all workflows for the sandbox (1–2 s). */
export async function bundleWorkflows(path = workflowsPath()): Promise<{ code: string }> {
  return bundleWorkflowCode({ workflowsPath: path, logger: new DefaultLogger('WARN') });
}

/** The bundle that the build made, or a fresh one where there is none. */
export async function loadWorkflowBundle(): Promise<{ code: string }> {
  const isCompiled = import.meta.url.endsWith('.js');
  if (!isCompiled) return bundleWorkflows();
  try {
    return { code: await readFile(BUILT, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return bundleWorkflows();
  }
}
