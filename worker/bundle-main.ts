import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from './bundle.ts';

// Run by the build as `node dist/worker/bundle-main.js`, so that no worker has to bundle at its start.
const { code } = await bundleWorkflows();
await writeFile(fileURLToPath(new URL('../workflow-bundle.js', import.meta.url)), code);
