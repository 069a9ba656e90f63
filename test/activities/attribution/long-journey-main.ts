import { drainIntake } from '../../../activities/attribution/drain.ts';
import { explainConversion } from '../../../db/attribution/explanation.ts';
import { createPool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';

// Drains the feed of a program and explains a conversion, in a process of its own whose memory its caller limits: url, program, conversion.
const [url = '', programId = '', conversionId = ''] = process.argv.slice(2);
const pool = createPool({ url });
const began = performance.now();
const { changed, setAside } = await drainIntake(pool, programId, { now: new Date().toISOString() });
const drainMs = Math.round(performance.now() - began);
const explanation = await inTransaction(pool, programId, (tx) => explainConversion(tx, conversionId), {
  mode: 'snapshot',
});
await pool.end();
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.send?.({
  changed,
  setAside,
  listed: explanation?.touchpoints.length,
  last: explanation?.touchpoints.at(-1)?.id,
  more: explanation?.moreTouchpoints,
  isReproduced: explanation?.isReproduced,
  drainMs,
  totalMs: Math.round(performance.now() - began),
  cpuMs: Math.round((userCPUTime + systemCPUTime) / 1_000),
  peakMb: Math.round(maxRSS / 1_024),
});
process.disconnect?.();
