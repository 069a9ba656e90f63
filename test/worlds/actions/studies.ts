import { runStudy } from '../../../activities/attribution/study-run.ts';
import { explainStudied } from '../../../db/attribution/study-explanation.ts';
import { newId } from '../../../db/ids.ts';
import { getStudy, insertRepeatedStudy, insertStudy } from '../../../db/queries/study.ts';
import type { Study } from '../../../db/queries/study.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { action, drawStep, sometimes } from '../action.ts';
import type { Actions, Step } from '../action.ts';
import { BrokenInvariant } from '../broken-invariant.ts';
import { drawPolicy, insertDraft } from '../draft.ts';
import { BY, DAY_MS } from '../world.ts';
import type { World } from '../world.ts';

export interface Range {
  fromAt: string;
  toAt: string;
}

/** @param part from 0, everything, to 1, nothing: how much of the past is left out */
export async function rangeOf(world: World, part = 0): Promise<Range> {
  const fromMs = world.fromMs - DAY_MS;
  const toMs = (await world.latestMs()) + 1_000;
  const begins = Math.round(fromMs + part * (toMs - fromMs));
  return { fromAt: new Date(begins).toISOString(), toAt: new Date(toMs).toISOString() };
}

export async function askStudy(
  world: World,
  asked: Range & { policyId: string; evaluationId?: string },
): Promise<string> {
  const id = newId('study');
  await world.tx((tx) => insertStudy(tx, { id, requestedBy: BY.id, ...asked }));
  return id;
}

/** @throws BrokenInvariant when it does not end */
export async function carryOutStudy(world: World, id: string): Promise<Study> {
  const study = await runStudy(world.pool, world.programId, id, { now: world.now });
  if (study.state !== 'done') throw new BrokenInvariant('a study ends', `${study.state} ${study.failure}`);
  return study;
}

export interface Line {
  sale: string;
  who: string;
  shareBefore: number;
  shareAfter: number;
  valueBefore: number;
  valueAfter: number;
  before: number;
  after: number;
  currency: string;
}

export function linesOf(world: World, studyId: string): Promise<Line[]> {
  return world.rows<Line>(
    `select c.external_id as sale, l.beneficiary_id as who, share_before_e12 as "shareBefore", share_after_e12 as "shareAfter",
       value_before_minor as "valueBefore", value_after_minor as "valueAfter", commission_before_minor as before,
       commission_after_minor as after, commission_evidence_minor as evidence, commission_currency as currency
     from study_line l
     join conversion c on c.program_id = l.program_id and c.id = l.conversion_id
     where l.program_id = $1 and l.study_id = $2
     order by sale, who, l.beneficiary_kind`,
    studyId,
  );
}

/** @throws BrokenInvariant with the lines that only one of them has */
export async function assertSameLines(world: World, kind: string, [one, other]: [string, string]): Promise<void> {
  const lines = [await linesOf(world, one), await linesOf(world, other)].map((list) =>
    list.map((line) => JSON.stringify(line)),
  );
  const [first, second] = lines as [string[], string[]];
  const only = [...first.filter((line) => !second.includes(line)), ...second.filter((line) => !first.includes(line))];
  if (only.length > 0) throw new BrokenInvariant(kind, only.slice(0, 4).join(' '));
}

/** Each line is what the explanations of its study sum to. */
async function assertExplained(world: World, studyId: string): Promise<void> {
  const lines = await world.rows<Line & { id: string }>(
    `select conversion_id as id, beneficiary_id as who, value_before_minor as "valueBefore", value_after_minor as "valueAfter",
       share_before_e12 as "shareBefore", share_after_e12 as "shareAfter"
     from study_line where program_id = $1 and study_id = $2 and detail ? 'after'`,
    studyId,
  );
  const ids = [...new Set(lines.map(({ id }) => id))];
  const explained = await world.tx(async (tx) => explainStudied(tx, await getStudy(tx, studyId), ids));
  for (const { id, who, ...line } of lines) {
    const sides = explained.get(id)!;
    const sums = (['before', 'after'] as const).flatMap((side) => {
      const own = sides[side].credits.filter(({ beneficiary }) => beneficiary.id === who);
      return [own.reduce((sum, { minor }) => sum + minor, 0), own.reduce((sum, { shareE12 }) => sum + shareE12, 0)];
    });
    const told = [line.valueBefore, line.shareBefore, line.valueAfter, line.shareAfter];
    if (sums.join() !== told.join())
      throw new BrokenInvariant('a line of a study is what its explanation says', `${who} ${sums} and not ${told}`);
  }
}

/** What may come between a study and its repetition: all but what moves money or takes a consent back. */
const BETWEEN = [
  'touch',
  'touch',
  'sale',
  'renewal',
  'refund',
  'refund',
  'merge',
  'undo',
  'void',
  'add',
  'amend',
  'advance',
  'profile',
];

/** @param others what may happen between a study and its repetition */
export function studyActions(others: Actions): Actions {
  return {
    study: action(
      3,
      (dice, no) => ({
        policy: drawPolicy(dice, { types: true }),
        ...sometimes(dice, 3, { part: Math.round(dice.next() * 70) / 100 }),
        between: dice.some(5, () => dice.one(BETWEEN)).map((name, at) => drawStep(others, name, dice, no * 100 + at)),
      }),
      (world, args) => study(world, args),
    ),
  };
}

async function study(
  world: World,
  { policy, part, between }: { policy: Policy; part?: number; between: Step[] },
): Promise<void> {
  const policyId = await insertDraft(world, policy);
  const id = await askStudy(world, { policyId, ...(await rangeOf(world, part)) });
  const { digest } = await carryOutStudy(world, id);
  await assertExplained(world, id);
  const again = newId('study');
  await world.tx((tx) => insertRepeatedStudy(tx, { id: again, of: id, requestedBy: BY.id }));
  for (const step of between) await step.run(world);
  if (between.length > 0) await world.drain();
  const repeated = await carryOutStudy(world, again);
  await assertSameLines(world, 'a repeated study says the same', [id, again]);
  if (repeated.digest !== digest)
    throw new BrokenInvariant('a repeated study has the same digest', `${again} of ${id}`);
}
