import { Worker } from 'node:worker_threads';
import { CreditColumns } from '../../domain/attribution/columns/credit-columns.ts';
import { Crediter } from '../../domain/attribution/columns/crediter.ts';
import { RuleColumns } from '../../domain/attribution/columns/rule-columns.ts';
import type { JourneyColumns, Trait } from '../../domain/attribution/columns/trait.ts';
import type { ThreadTime } from './arithmetic-thread.ts';
import { MODELS } from './models.ts';

const TOUCHPOINTS_EACH = 6;
/** A slice as a run over PostgreSQL has it; all of them together would only measure how fast memory grows. */
const SLICE = 20_000;

/** CPU time of the arithmetic alone, by model: journeys in arrays → shares and smallest units, nothing read and nothing written. */
export function benchArithmetic(
  conversions: number,
): { name: string; ms: number; rows: number; exactSplits: number }[] {
  const journeys = someJourneys(Math.min(SLICE, conversions));
  const rounds = Math.ceil(conversions / journeys.count);
  return MODELS.map(({ name, policy }) => {
    const rule = new RuleColumns(policy);
    const credits = new CreditColumns();
    const crediter = new Crediter();
    let rows = 0;
    let exactSplits = 0;
    const began = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) {
      credits.clear();
      crediter.creditAll(journeys, rule, credits);
      rows += credits.length;
      exactSplits += credits.exactSplits;
    }
    const { user, system } = process.cpuUsage(began);
    return { name, ms: (user + system) / 1_000, rows, exactSplits };
  });
}

/** The same work shared by so many threads, each with its own part. @returns milliseconds by the clock, from the first to begin to the last to end */
export async function clockArithmetic(conversions: number, threads: number): Promise<number> {
  const run = () =>
    new Promise<ThreadTime>((resolve, reject) => {
      const thread = new Worker(FROM_SOURCES, { eval: true, workerData: Math.ceil(conversions / threads) });
      thread.once('message', resolve);
      thread.once('error', reject);
    });
  const times = await Promise.all(Array.from({ length: threads }, run));
  return Math.max(...times.map(({ endedAt }) => endedAt)) - Math.min(...times.map(({ beganAt }) => beganAt));
}

/** A thread needs a loader before it can read sources. */
const FROM_SOURCES = `
  import('tsx/esm/api').then(({ register }) => {
    register();
    return import(${JSON.stringify(new URL('./arithmetic-thread.ts', import.meta.url).href)});
  });`;

/** Six touchpoints in the 32 days before each conversion, half of them of the two partners of its person. */
function someJourneys(count: number): JourneyColumns {
  const own = ['paid_search', 'paid_social', 'email', 'direct'].map((channel) => aTrait(channel, null));
  const partners = Array.from({ length: 200 }, (_, n) => aTrait(['video', 'blog', 'newsletter'][n % 3]!, `prt_${n}`));
  const traits = [...own, ...partners];
  const touchedAt = new Float64Array(count * TOUCHPOINTS_EACH);
  const trait = new Int32Array(count * TOUCHPOINTS_EACH);
  const at = new Float64Array(count).fill(1_780_000_000_000_000);
  let state = 1;
  const dice = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
  for (let conversion = 0; conversion < count; conversion += 1) {
    const from = conversion * TOUCHPOINTS_EACH;
    const pair = [dice(200), dice(200)];
    const ages = Array.from({ length: TOUCHPOINTS_EACH }, () => dice(32 * 86_400) * 1_000_000 + dice(1_000_000));
    ages
      .sort((a, b) => b - a)
      .forEach((age, n) => {
        touchedAt[from + n] = at[conversion]! - age;
        trait[from + n] = dice(2) === 0 ? 4 + pair[dice(2)]! : dice(4);
      });
  }
  return {
    count,
    at,
    remaining: Float64Array.from({ length: count }, () => 100 + dice(50_000)),
    start: Int32Array.from({ length: count + 1 }, (_, index) => index * TOUCHPOINTS_EACH),
    touchedAt,
    trait,
    traits,
  };
}

function aTrait(channel: string, partnerId: string | null): Trait {
  const partnerType = partnerId === null ? null : 'creator';
  return { kind: 'click', channel, partnerId, partnerType, market: null, isVoided: false, lookback: {} };
}
