import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Command } from 'commander';
import { cutOwnStudy } from '../activities/attribution/study-cut.ts';
import { beginStudy, creditStudyShard } from '../activities/attribution/study-credit.ts';
import { priceStudyShard } from '../activities/attribution/study-price.ts';
import { finishStudy } from '../activities/attribution/study-run.ts';
import { newId } from '../db/ids.ts';
import { readJourneyReport } from '../db/queries/journey-report.ts';
import { insertPolicyDraft } from '../db/queries/policy-version.ts';
import { insertStudy } from '../db/queries/study.ts';
import { listStudiedConversions } from '../db/queries/study-conversion.ts';
import { STUDY_GROUPS, sumByBeneficiary, sumByFact } from '../db/queries/study-sum.ts';
import type { StudyGroup } from '../db/queries/study-sum.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import { readPolicy } from '../domain/attribution/policy-document.ts';
import { fillIdentities, fillJourneys, startBenchDatabase, TOUCHPOINTS_EACH } from './credit/ground.ts';
import { median } from './measure.ts';

const { conversions, rounds } = new Command('tsx bench/insight.ts')
  .description(
    'The journeys report, and the answers about a study, over many conversions: how long, and how long others wait meanwhile.',
  )
  .option('--conversions <number>', 'conversions of the range, with six touchpoints each', Number, 100_000)
  .option('--rounds <number>', 'answers of each kind', Number, 3)
  .parse()
  .opts<{ conversions: number; rounds: number }>();

const RANGE = { from: '2026-04-01T00:00:00Z', to: '2026-06-30T00:00:00Z' };
const NOW = '2026-06-30T00:00:00Z';
const WHOLE = { shard: 0, of: 1 };
const say = (line: string) => void process.stdout.write(`${line}\n`);
const database = await startBenchDatabase();
const { pool, owner, programId } = database;

/** A study of everything, against nothing that stood: credit, prices and sums are worked out in full. */
async function studied(): Promise<string> {
  const policyId = newId('policy');
  const id = newId('study');
  const body = readPolicy({ name: 'Draft', model: { kind: 'time-decay' } });
  await inTransaction(pool, programId, async (tx) => {
    await insertPolicyDraft(tx, { id: policyId, body, createdBy: 'bench' });
    await insertStudy(tx, { id, policyId, fromAt: RANGE.from, toAt: RANGE.to, requestedBy: 'bench' });
  });
  const marks = [performance.now()];
  await cutOwnStudy(pool, programId, id, { now: NOW });
  await beginStudy(pool, programId, id);
  await creditStudyShard(pool, programId, id, WHOLE);
  marks.push(performance.now());
  await priceStudyShard(pool, programId, id, WHOLE);
  marks.push(performance.now());
  await finishStudy(pool, programId, id, NOW);
  marks.push(performance.now());
  const [credit, price, sums] = marks.slice(1).map((at, index) => ((at - marks[index]!) / 1_000).toFixed(1));
  say(`study of all of them: credit ${credit} s, prices ${price} s, sums ${sums} s`);
  await owner.query('vacuum analyze study_line');
  return id;
}

async function report(name: string, read: (tx: Tx) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const cpu = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    await inTransaction(pool, programId, read, { mode: 'snapshot' });
    times.push(performance.now() - began);
  }
  loop.disable();
  const { user, system } = process.cpuUsage(cpu);
  const here = Math.round((user + system) / 1_000 / rounds);
  say(
    `${name}: ${Math.round(median(times))} ms (${here} of CPU here), others waited at most ${Math.round(loop.max / 1e6)} ms`,
  );
}

try {
  await fillJourneys(owner, programId, conversions);
  await fillIdentities(owner, programId);
  say(`${conversions} conversions, ${conversions * TOUCHPOINTS_EACH} touchpoints; median of ${rounds}`);
  await report('journeys report', (tx) => readJourneyReport(tx, { ...RANGE, most: 50 }));
  const id = await studied();
  for (const group of Object.keys(STUDY_GROUPS) as StudyGroup[])
    await report(`breakdown by ${group}`, (tx) => sumByFact(tx, id, group));
  await report('lines', (tx) => sumByBeneficiary(tx, id));
  await report('conversions that change most', (tx) =>
    listStudiedConversions(tx, id, { sort: 'change', offset: 0, limit: 51 }),
  );
} finally {
  await database.stop();
}
