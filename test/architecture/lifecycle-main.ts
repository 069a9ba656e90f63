import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { refreshPage } from './lifecycle-page.ts';
import { readText, ROOT } from './tree.ts';

await new Command('npm run docs --')
  .description('Prints the diagram and the tables of docs/lifecycle.md anew from domain/.')
  .action(() => {
    writeFileSync(join(ROOT, 'docs', 'lifecycle.md'), refreshPage(readText('docs/lifecycle.md')));
    console.log('docs/lifecycle.md is up to date.');
  })
  .parseAsync();
