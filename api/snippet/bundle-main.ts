import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { BUILT, bundleSnippet } from './bundle.ts';

// Run by the build as `node dist/api/snippet/bundle-main.js`; the source is no part of dist/.
const source = fileURLToPath(new URL('../../../web/snippet/main.ts', import.meta.url));
await writeFile(BUILT, await bundleSnippet(source));
