import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './tree.ts';

export interface LintConfig {
  options: Record<string, unknown>;
  rules: Record<string, unknown>;
  overrides: { files: string[]; rules?: Record<string, unknown> }[];
}

interface Diagnostic {
  filename: string;
  code: string;
  message: string;
  help?: string;
}

/** The lint rules of the repository, without their comments. */
export function readLintConfig(): LintConfig {
  const text = readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8');
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, '')) as LintConfig;
}

/**
 * Lints pretended files under our rules, the type-aware ones excepted.
 * @param files source text by path, for instance `domain/a.ts`
 * @returns what the linter says, one text per finding, by path
 */
export function lintPretended(files: Record<string, string>): Map<string, string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-lint-'));
  try {
    const config = readLintConfig();
    config.options = {};
    writeFileSync(join(folder, '.oxlintrc.json'), JSON.stringify(config));
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${source}\n`);
    }
    const program = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint');
    const run = spawnSync(process.execPath, [program, '--format', 'json'], { cwd: folder, encoding: 'utf8' });
    const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: Diagnostic[] };
    const found = new Map<string, string[]>(Object.keys(files).map((path) => [path, []]));
    for (const { filename, code, message, help } of diagnostics) {
      found.get(filename)?.push([code, message, help].filter(Boolean).join(' · '));
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
