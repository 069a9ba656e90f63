import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json, from the sources as well as from `dist/`. */
export function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('No package.json is above this program. Run it from a checkout of Tandem.');
    folder = parent;
  }
  return folder;
}

/** @throws Error that says how to build, when the compiled programs are not there */
export function requireBuild(root: string): void {
  const missing = ['dist/api/main.js', 'dist/worker/main.js'].find((path) => !existsSync(join(root, path)));
  if (missing !== undefined)
    throw new Error(`${missing} is missing. Run \`npm run build\` first, or \`npm start\`, which does.`);
}
