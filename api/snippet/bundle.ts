import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Where `npm run build` puts the script. */
export const BUILT = fileURLToPath(new URL('./t.js', import.meta.url));

/** Bundles `web/snippet` for browsers (some milliseconds). esbuild is there in a checkout only. */
export async function bundleSnippet(source: string): Promise<string> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    legalComments: 'none',
    write: false,
  });
  return outputFiles[0]!.text;
}

/** The script that the build made; from sources (tests) a fresh one. @throws Error when the build is not whole */
export async function loadSnippet(): Promise<string> {
  if (import.meta.url.endsWith('.js')) return readFile(BUILT, 'utf8');
  return bundleSnippet(fileURLToPath(new URL('../../web/snippet/main.ts', import.meta.url)));
}
