import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasLivingOwner, journalFolders, segmentsIn } from '../../api/redirect/journal-folder.ts';
import { countRejected } from '../../api/redirect/rejected-clicks.ts';
import type { Finding } from './finding.ts';
import { advice, ok } from './finding.ts';

/** Clicks that nobody will store by themselves: refused ones, and journals whose process is gone. Says nothing where there is no journal. */
export function examineClicks(dataDirs: readonly string[]): Finding[] {
  const folders = [...new Set(dataDirs)].flatMap(journalFolders);
  const findings = folders.flatMap((folder) => [...examineRejected(folder), ...examineOrphaned(folder)]);
  if (folders.length > 0 && findings.length === 0) return [ok('clicks', 'none was refused, and none is left behind')];
  return findings;
}

function examineRejected(folder: string): Finding[] {
  const rejected = countRejected(folder);
  if (!rejected) return [];
  const { file, clicks } = rejected;
  return [
    advice(
      'clicks',
      `The database refused ${clicks}. They are kept in ${file} with the reason; delete it once you have looked.`,
    ),
  ];
}

function examineOrphaned(folder: string): Finding[] {
  if (hasLivingOwner(folder)) return [];
  const lines = segmentsIn(folder).map((name) => readFileSync(join(folder, name), 'utf8').split('\n').length - 1);
  const clicks = lines.reduce((sum, count) => sum + count, 0);
  if (clicks === 0) return [];
  return [
    advice(
      'clicks',
      `${clicks} wait in ${folder}, and no API process has it. One that uses this data folder takes them up.`,
    ),
  ];
}
