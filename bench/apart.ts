import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Benches that start what they need by themselves: programs with options of their own. */
export const APART = ['credit', 'feed', 'study', 'import', 'markov', 'insight'] as const;
export type ApartName = (typeof APART)[number];

/** Which of them `--only` names, and its own options: all the others of the command line; undefined when it names none of them. */
export function findApart(args: readonly string[]): { name: ApartName; own: string[] } | undefined {
  const at = args.findIndex((arg) => arg === '--only' || arg.startsWith('--only='));
  if (at < 0) return undefined;
  const isTwo = args[at] === '--only';
  const given = isTwo ? args[at + 1] : args[at]!.slice('--only='.length);
  const name = APART.find((known) => known === given);
  return name && { name, own: args.toSpliced(at, isTwo ? 2 : 1) };
}

/** Runs one as a process, which tidies up its own ground at Ctrl-C. @returns its exit code, 1 when a signal ended it */
export async function runApart({ name, own }: { name: ApartName; own: string[] }): Promise<number> {
  const script = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...own], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
