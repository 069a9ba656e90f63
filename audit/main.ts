import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Finding } from './run.ts';

const SIGNS: Record<Finding['result'], string> = {
  ok: 'ok   ',
  explained: 'expl.',
  fault: 'FAULT',
  'not-checked': '?    ',
};

const command = new Command('npm run audit --')
  .description(
    'Checks every invariant of money, credit, payouts and workflows. Exit code 1 on a fault, 2 when something could not be checked.',
  )
  .option('--program <id>', 'only this program; by default all')
  .option('--json', 'prints the findings as JSON')
  .option('--state <folder>', 'the state folder of npm start', '.tandem')
  .parse();

// Loaded once the command line is understood, so that --help and a wrong option do not wait for it.
const { Client, Connection } = await import('@temporalio/client');
const { createPool } = await import('../db/pool.ts');
const { listProgramIds } = await import('../db/transaction.ts');
const { readConfig } = await import('../runtime/config.ts');
const { findPlaces } = await import('./places.ts');
const { auditProgram } = await import('./run.ts');

interface Options {
  program?: string;
  json?: boolean;
  state: string;
}

async function main({ program, json, state }: Options): Promise<number> {
  const config = readConfig();
  const { databaseUrl, temporalAddress, providerUrl } = findPlaces(config, resolve(state));
  const pool = createPool({
    url: databaseUrl,
    size: 2,
    applicationName: 'tandem-audit',
    statementTimeoutMs: 30 * 60_000,
  });
  const connection = temporalAddress === null ? null : Connection.lazy({ address: temporalAddress });
  const client = connection === null ? null : new Client({ connection, namespace: config.TEMPORAL_NAMESPACE });
  try {
    const programs = program === undefined ? await listProgramIds(pool) : [program];
    const report = [];
    for (const programId of programs)
      report.push({ programId, findings: await auditProgram({ pool, client, providerUrl }, programId) });
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : report.map(printed).join('\n'));
    const results = report.flatMap(({ findings }) => findings.map(({ result }) => result));
    return results.includes('fault') ? 1 : results.includes('not-checked') ? 2 : 0;
  } finally {
    await pool.end();
    await connection?.close();
  }
}

function printed({ programId, findings }: { programId: string; findings: Finding[] }): string {
  const lines = findings.map(
    ({ name, result, detail }) => `  ${SIGNS[result]} ${name}${detail === null ? '' : `\n        ${detail}`}`,
  );
  return `${programId}\n${lines.join('\n')}\n`;
}

try {
  process.exitCode = await main(command.opts<Options>());
} catch (error) {
  process.stderr.write(`The audit could not run: ${(error as Error).message}\n`);
  process.exitCode = 3;
}
