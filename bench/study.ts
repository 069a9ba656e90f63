import { Command } from 'commander';
import { advanceBoundaries } from '../activities/attribution/advance.ts';
import { drainCommissions, drainIntake } from '../activities/attribution/drain.ts';
import { beginStudy, creditStudyShard } from '../activities/attribution/study-credit.ts';
import { cutOwnStudy } from '../activities/attribution/study-cut.ts';
import { priceStudyShard } from '../activities/attribution/study-price.ts';
import { finishStudy } from '../activities/attribution/study-run.ts';
import { intakeConversions } from '../db/intake/conversions.ts';
import { intakeTouchpoints } from '../db/intake/touchpoints.ts';
import { newId } from '../db/ids.ts';
import { insertPolicyDraft } from '../db/queries/policy-version.ts';
import { insertStudy } from '../db/queries/study.ts';
import { inTransaction } from '../db/transaction.ts';
import { readPolicy } from '../domain/attribution/policy-document.ts';
import { startBenchDatabase, TOUCHPOINTS_EACH } from './credit/ground.ts';
import { studyThroughApi } from './study/whole.ts';

const { conversions, rounds, whole, state } = new Command('tsx bench/study.ts')
  .description(
    'One month of one partner under another policy: cut, credit, prices and sums of a whole study, part by part.',
  )
  .option('--conversions <number>', 'sales of the month that the partner touched', Number, 1_000)
  .option('--rounds <number>', 'studies', Number, 5)
  .option('--whole', 'through the API of a whole stack, from the request to the result. Build first')
  .option('--state <folder>', 'where the whole stack keeps its data', '.tandem/bench-study')
  .parse()
  .opts<{ conversions: number; rounds: number; whole?: boolean; state: string }>();

if (whole) {
  await studyThroughApi({ conversions, rounds, state }, (line) => void process.stdout.write(`${line}\n`));
  process.exit(0);
}

const PARTNER = `prt_${'0'.repeat(26)}`;
const HOUR_MS = 3_600_000;
const WHOLE = { shard: 0, of: 1 };
const database = await startBenchDatabase();
const { pool, programId } = database;
const now = new Date().toISOString();
const ago = (ms: number) => new Date(Date.parse(now) - ms).toISOString();

/** Half of the touchpoints are the partner's; sales spread over thirty days. */
async function fill(): Promise<void> {
  const soldAgo = (sale: number) => ((sale % 720) + 1) * HOUR_MS;
  for (let from = 0; from < conversions; from += 100) {
    const sales = Array.from({ length: Math.min(100, conversions - from) }, (_, index) => from + index);
    await intakeTouchpoints(
      pool,
      programId,
      sales.flatMap((sale) =>
        Array.from({ length: TOUCHPOINTS_EACH }, (_, n) => ({
          id: `t-${sale}-${n}`,
          identity: { customerId: `c-${sale}` },
          kind: 'click',
          occurredAt: ago(soldAgo(sale) + (n + 1) * 7 * HOUR_MS),
          ...(n % 2 === 0 ? { channel: 'video', partnerId: PARTNER } : { channel: ['email', 'direct'][(n % 4) >> 1] }),
        })),
      ),
    );
    await intakeConversions(
      pool,
      programId,
      sales.map((sale) => ({
        externalId: `s-${sale}`,
        identity: { customerId: `c-${sale}` },
        type: 'purchase',
        value: { minor: 1_000 + sale, currency: 'EUR' },
        occurredAt: ago(soldAgo(sale)),
      })),
    );
  }
  await advanceBoundaries(pool, programId, { now });
  await drainIntake(pool, programId, { now });
  await drainCommissions(pool, programId, { now });
}

async function study(): Promise<string> {
  const policyId = newId('policy');
  const id = newId('study');
  const body = readPolicy({ name: 'Draft', model: { kind: 'time-decay' } });
  await inTransaction(pool, programId, async (tx) => {
    await insertPolicyDraft(tx, { id: policyId, body, createdBy: 'bench' });
    await insertStudy(tx, { id, policyId, fromAt: ago(31 * 24 * HOUR_MS), toAt: now, requestedBy: 'bench' });
  });
  const cpu = process.cpuUsage();
  const marks = [performance.now()];
  const mark = () => void marks.push(performance.now());
  await cutOwnStudy(pool, programId, id, { now });
  await beginStudy(pool, programId, id);
  mark();
  const credited = await creditStudyShard(pool, programId, id, WHOLE);
  mark();
  const priced = await priceStudyShard(pool, programId, id, WHOLE);
  mark();
  const { state } = await finishStudy(pool, programId, id, now);
  mark();
  if (state !== 'done' || credited !== conversions)
    throw new Error(`The study is ${state} after ${credited} conversions.`);
  const [cut, credit, price, sum] = marks.slice(1).map((at, index) => Math.round(at - marks[index]!));
  const { user, system } = process.cpuUsage(cpu);
  const whole = `${Math.round(marks.at(-1)! - marks[0]!)} ms (${Math.round((user + system) / 1_000)} of CPU here)`;
  return `${whole}: cut ${cut}, credit ${credit}, prices of ${priced} pairs ${price}, sums ${sum}`;
}

try {
  await fill();
  for (let round = 0; round < rounds; round += 1) process.stdout.write(`${await study()}\n`);
} finally {
  await database.stop();
}
