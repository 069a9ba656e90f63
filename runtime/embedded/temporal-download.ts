import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TemporalKind } from './temporal-binary.ts';

export interface VendorOptions {
  /** The program is put here, whole or not at all. */
  target: string;
  onProgress?: ((line: string) => void) | undefined;
}

/** A network that drops packets instead of refusing must not hold up the start. */
const WITHIN_MS = 120_000;

/**
 * Lets Temporal's SDK fetch the program from the vendor, as its test environment does, and moves it to `target`.
 * @throws Error in one sentence when the vendor's site cannot be reached or the SDK's testing package is not installed
 */
export async function fetchFromVendor(kind: TemporalKind, options: VendorOptions): Promise<string> {
  await mkdir(dirname(options.target), { recursive: true });
  const downloadDir = await mkdtemp(`${options.target}.`);
  try {
    options.onProgress?.("Asking the vendor's download site for Temporal");
    await withDeadline(download(kind, downloadDir));
    const [file] = await readdir(downloadDir);
    if (file === undefined) throw new Error('nothing was downloaded');
    await chmod(join(downloadDir, file), 0o755);
    await rename(join(downloadDir, file), options.target);
    return options.target;
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    throw new Error(`The vendor's download site gave no ${kind}: ${reason}`, { cause: error });
  } finally {
    await rm(downloadDir, { recursive: true, force: true });
  }
}

async function download(kind: TemporalKind, downloadDir: string): Promise<void> {
  // Only the first start of a machine needs it, and an installation without development packages has none.
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const server = { executable: { type: 'cached-download' as const, downloadDir } };
  const environment =
    kind === 'cli'
      ? await TestWorkflowEnvironment.createLocal({ server })
      : await TestWorkflowEnvironment.createTimeSkipping({ server });
  await environment.teardown();
  if (!existsSync(downloadDir)) throw new Error('the download folder is gone');
}

async function withDeadline(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${WITHIN_MS} ms`)), WITHIN_MS);
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
