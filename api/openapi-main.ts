import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

const FILE = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));

const options = new Command('npm run openapi --')
  .description('Writes docs/openapi.json from the contracts of the routes.')
  .option('--check', 'write nothing; fail when the file is not what the contracts say')
  .parse()
  .opts<{ check?: boolean }>();

// Loaded once the command line is understood, so that --help and a wrong option do not wait for it.
const { default: prettier } = await import('prettier');
const { openApiDocument } = await import('./openapi.ts');
const { ROUTES } = await import('./routes/table.ts');

const text = await prettier.format(JSON.stringify(openApiDocument(ROUTES)), { parser: 'json', printWidth: 120 });
if (options.check) {
  const written = await readFile(FILE, 'utf8').catch(() => '');
  if (written !== text) {
    process.stderr.write(
      'docs/openapi.json is not what the contracts say. Run `npm run openapi` and commit the file.\n',
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, text);
  process.stdout.write(`Wrote docs/openapi.json: ${ROUTES.length} routes.\n`);
}
