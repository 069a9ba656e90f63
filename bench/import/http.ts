import { readdirSync, readFileSync } from 'node:fs';
import { startDemoStack } from '../../demo/stack.ts';
import { createTeam } from '../../demo/steps/team.ts';
import { msOf } from './processor-time.ts';
import { itemOf } from './rows.ts';
import type { RowSource } from './rows.ts';

/** What `POST /v1/touchpoints` of a whole stack took: wall time, and the processor time of its processes by name. */
export interface HttpCost {
  wallMs: number;
  oursMs: number;
  processorMs: Record<string, number>;
}

const ITEMS = 1_000;
const CALLERS = 3;

/** Sends rounds of batches of 1,000 with an API key to a stack of its own; the feed runs beside it, as it does in use. Build first. */
export async function measureHttp(
  stateDir: string,
  sources: readonly RowSource[],
  say: (line: string) => void,
): Promise<HttpCost[]> {
  const stack = await startDemoStack(stateDir, say);
  try {
    const { developer } = createTeam(stack.places.access);
    const costs: HttpCost[] = [];
    for (const source of sources) {
      let next = 0;
      const caller = async () => {
        for (let from = next; from < source.rows; from = next) {
          next += ITEMS;
          const items = Array.from({ length: ITEMS }, (_, index) => itemOf(source, from + index));
          await developer.post('/v1/touchpoints', { items });
        }
      };
      const before = processorMs();
      const ours = process.cpuUsage();
      const started = performance.now();
      await Promise.all(Array.from({ length: CALLERS }, caller));
      const wallMs = performance.now() - started;
      const { user, system } = process.cpuUsage(ours);
      const after = processorMs();
      const spent = Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)] as const);
      costs.push({ wallMs, oursMs: (user + system) / 1_000, processorMs: Object.fromEntries(spent) });
    }
    return costs;
  } finally {
    await stack.stop();
  }
}

/** Of the processes that this one started, with all that they started. */
function processorMs(): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const stat = Number.isNaN(pid) ? null : msOf(pid);
    if (!stat) continue;
    const isChild = stat.parent === process.pid;
    const owner = isChild ? pid : msOf(stat.parent)?.parent === process.pid ? stat.parent : null;
    if (owner === null) continue;
    const name = nameOf(owner);
    sums[name] = (sums[name] ?? 0) + stat.ownMs + (isChild ? stat.endedMs : 0);
  }
  return sums;
}

function nameOf(pid: number): string {
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  for (const name of ['postgres', 'temporal', 'api', 'worker'])
    if (new RegExp(`(^|[/ ])${name}([/ \\0]|$)`).test(args.replaceAll('\0', ' '))) return name;
  return 'other';
}
