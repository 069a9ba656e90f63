import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../runtime/config.ts';
import type { Finding } from './checkup/finding.ts';
import { fault, ok } from './checkup/finding.ts';

const SIGNS: Record<Finding['level'], string> = { ok: 'ok    ', advice: 'advice', fault: 'FAULT ' };

const command = new Command('npm run doctor --')
  .description('Says what is missing on this machine or unsafe in these settings. Exit code 1 if there is a fault.')
  .option('--state <folder>', 'the state folder of npm start', '.tandem')
  .parse();

// Loaded once the command line is understood, so that --help and a wrong option do not wait for it.
const { readConfig } = await import('../runtime/config.ts');
const { examineClicks } = await import('./checkup/clicks.ts');
const { examineDatabase } = await import('./checkup/database.ts');
const { examineMachine, examineNode } = await import('./checkup/machine.ts');
const { examineSettings } = await import('./checkup/settings.ts');
const { examineTemporal } = await import('./checkup/temporal.ts');

/** Everything worth a look, in the order in which somebody would put it right. */
async function examine(stateDir: string): Promise<Finding[]> {
  const node = examineNode(process.versions.node);
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    return [node, fault('settings', (error as Error).message)];
  }
  return [
    node,
    ...examineSettings(config),
    ...(config.TANDEM_ENV === 'production' ? [] : await examineMachine(config, stateDir)),
    ...(await examineDatabase(config)),
    ...(await examineTemporal(config)),
    ...examineClicks([config.TANDEM_DATA_DIR, stateDir]),
    ...examineAccessFile(join(stateDir, 'access.json'), config),
  ];
}

function examineAccessFile(file: string, config: Config): Finding[] {
  if (!existsSync(file)) return [];
  if (config.TANDEM_ENV === 'production') {
    return [fault('access.json', `${file} holds keys of a local stack. Remove it from a machine of production.`)];
  }
  const isShared = (statSync(file).mode & 0o077) !== 0;
  return [
    isShared
      ? fault('access.json', `Others can read the keys in ${file}: chmod 600 it.`)
      : ok('access.json', 'readable by you alone'),
  ];
}

const findings = await examine(resolve(command.opts<{ state: string }>().state));
for (const { level, about, text } of findings) console.log(`${SIGNS[level]}  ${about}: ${text}`);
const faults = findings.filter((finding) => finding.level === 'fault').length;
console.log(faults === 0 ? 'Nothing stands in the way.' : `${faults} to be put right.`);
process.exitCode = faults === 0 ? 0 : 1;
