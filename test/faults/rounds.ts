import { setTimeout as pause } from 'node:timers/promises';
import { createTeam } from '../../demo/steps/team.ts';
import type { Team } from '../../demo/steps/team.ts';
import { waitFor } from '../../demo/steps/wait.ts';
import type { Tree } from '../support/tree.ts';
import { auditTree } from './audit.ts';
import { liveThroughIt } from './journey.ts';
import { plannedKills } from './seeded.ts';
import type { Kill } from './seeded.ts';

export interface FaultPlan {
  tree: Tree;
  firstSeed: number;
  runs: number;
  /** Journeys that live at once and share each other's kills. */
  parallel: number;
  say: (line: string) => void;
}

export interface FaultResult {
  runs: number;
  kills: Record<string, number>;
  failures: { seed: number; error: string }[];
}

/** About how long a journey takes without faults: kills are spread over it. */
const JOURNEY_MS = 25_000;
/** Windows of seconds, so that a run ends soon; offered to every partner from here on. */
const CALENDAR = { period: 'PT10S', lockAfter: 'PT1S', payAfter: 'PT1S' };

/** Journeys in rounds, with `kill -9` of worker, Temporal and PostgreSQL at seeded moments; each round ends with the audit. */
export async function runFaults(plan: FaultPlan): Promise<FaultResult> {
  const { tree, say } = plan;
  const team = createTeam(tree.access());
  await offerQuickWindows(team);
  const result: FaultResult = { runs: 0, kills: {}, failures: [] };
  for (let next = plan.firstSeed; next < plan.firstSeed + plan.runs; next += plan.parallel) {
    const seeds = Array.from(
      { length: Math.min(plan.parallel, plan.firstSeed + plan.runs - next) },
      (_, index) => next + index,
    );
    const kills = seeds.flatMap((seed) => plannedKills(seed, JOURNEY_MS)).sort((a, b) => a.afterMs - b.afterMs);
    const known = result.failures.length;
    const killing = strike(tree, kills, result);
    const endings = await Promise.allSettled(seeds.map((seed) => liveThroughIt(team, seed)));
    await killing;
    endings.forEach((ending, index) => {
      result.runs += 1;
      if (ending.status === 'rejected')
        result.failures.push({ seed: seeds[index]!, error: String((ending.reason as Error).stack) });
    });
    const faults = await auditTree(tree);
    for (const fault of faults) result.failures.push({ seed: next, error: fault });
    for (const { seed, error } of result.failures.slice(known)) say(`seed ${seed}: ${error}`);
    say(
      `seeds ${seeds[0]}–${seeds.at(-1)}: ${kills.length} kills, ${result.failures.length} failures so far, audit ${faults.length === 0 ? 'green' : faults.join('; ')}`,
    );
  }
  return result;
}

async function offerQuickWindows(team: Team): Promise<void> {
  const { items } = await team.manager.get('/v1/contract-templates');
  const [template] = items;
  await team.owner.post('/v1/contract-templates', {
    name: template.name,
    body: template.body,
    terms: { ...template.terms, calendar: CALENDAR },
  });
}

/** Kills each victim at its moment; one that is still coming up after the last kill is waited for, so that every kill hits something alive. */
async function strike(tree: Tree, kills: Kill[], result: FaultResult): Promise<void> {
  const start = Date.now();
  for (const { victim, afterMs } of kills) {
    await pause(Math.max(0, start + afterMs - Date.now()));
    const pid = await waitFor(`${victim} to be alive`, () => Promise.resolve(tree.livingPart(victim)?.pid), {
      timeoutMs: 60_000,
    });
    process.kill(pid, 'SIGKILL');
    result.kills[victim] = (result.kills[victim] ?? 0) + 1;
  }
}
