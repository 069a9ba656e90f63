import { queueIntakeWork } from '../../../db/intake/work.ts';
import { joinIntake } from '../../../db/locks.ts';
import { insertPolicyPeriods } from '../../../db/queries/policy.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import type { Dice } from '../../support/dice.ts';
import { action, drawStep, sometimes } from '../action.ts';
import type { Actions, Step } from '../action.ts';
import { BrokenInvariant } from '../broken-invariant.ts';
import { drawPolicy, insertDraft } from '../draft.ts';
import { cancelled, conflicting, reevaluate, sliced } from '../reevaluation.ts';
import type { Evaluation, Plan } from '../reevaluation.ts';
import { DAY_MS } from '../world.ts';
import type { World } from '../world.ts';
import { askStudy, carryOutStudy, linesOf, rangeOf } from './studies.ts';

/** What may happen while a re-evaluation runs. */
const MEANWHILE = [
  ...['touch', 'sale', 'renewal', 'renewal-first', 'click', 'refund', 'merge', 'undo', 'withdraw', 'void', 'add'],
  ...['advance', 'drain', 'policy', 'amend', 'rate', 'end', 'sign-again', 'pay', 'hold', 'review', 'adjust', 'profile'],
];
/** Between the slices of one that was carried out. */
const SLICED = [
  'touch',
  'sale',
  'renewal',
  'refund',
  'refund',
  'merge',
  'undo',
  'void',
  'void',
  'amend',
  'rate',
  'add',
  'hold',
];

const policyAction: Actions = {
  policy: action(
    2,
    (dice) => ({ policy: drawPolicy(dice, { types: true }), ...sometimes(dice, 2, { ahead: dice.whole(5) }) }),
    async (world, { policy, ahead = 0 }) => {
      const id = await insertDraft(world, policy);
      const effectiveFrom = new Date((await world.latestMs()) + ahead * DAY_MS).toISOString();
      const { conversionTypes } = policy;
      await world.tx(async (tx) => {
        const receivedAt = await joinIntake(tx);
        await insertPolicyPeriods(tx, { id, conversionTypes, effectiveFrom }, receivedAt);
        await queueIntakeWork(tx, [{ kind: 'range', fromAt: effectiveFrom }], receivedAt);
      });
    },
  ),
};

const drawDownward = (dice: Dice): Plan['downward'] => dice.one(['recover', 'waive']);

function drawPlan(dice: Dice): Plan {
  return {
    policy: drawPolicy(dice, { types: true }),
    downward: drawDownward(dice),
    ...sometimes(dice, 3, { part: Math.round(dice.next() * 70) / 100 }),
  };
}

/** @param others what may happen while a re-evaluation runs */
export function ruleActions(others: Actions): Actions {
  const known = { ...others, ...policyAction };
  const drawn = (dice: Dice, names: readonly string[], no: number, most: number): Step[] =>
    Array.from({ length: 1 + dice.whole(most) }, (_, at) => drawStep(known, dice.one(names), dice, no * 100 + at));
  return {
    ...policyAction,
    reevaluate: action(3, drawPlan, alone),
    'reevaluate-amid': action(
      4,
      (dice, no) => {
        const steps = drawn(dice, MEANWHILE, no, 4);
        return { ...drawPlan(dice), ...(dice.whole(2) === 0 ? { beforeStudy: steps } : { afterStudy: steps }) };
      },
      async (world, plan) => assertPosted(world, await reevaluate(world, plan)),
    ),
    'reevaluate-sliced': action(
      2,
      (dice, no) => ({
        ...drawPlan(dice),
        slices: Array.from({ length: 2 + dice.whole(10) }, (_, at) => {
          const turn = dice.whole(10);
          if (turn < 8) return turn < 5 ? ('feed' as const) : ('post' as const);
          return drawStep(known, dice.one(SLICED), dice, no * 100 + at);
        }),
      }),
      async (world, plan) => assertPosted(world, await sliced(world, plan)),
    ),
    'reevaluate-cancelled': action(
      1,
      (dice, no) => ({ ...drawPlan(dice), beforeStudy: dice.whole(2) === 0 ? drawn(dice, MEANWHILE, no, 3) : [] }),
      cancelled,
    ),
    'reevaluate-twice': action(1, (dice) => ({ one: drawPlan(dice), other: drawPlan(dice) }), conflicting),
    'there-and-back': action(
      1,
      (dice) => ({ policy: drawPolicy(dice), other: drawPolicy(dice), downward: drawDownward(dice) }),
      thereAndBack,
    ),
  };
}

/** Per sale and partner what was posted, zero left out. */
async function posted(world: World, goodwill: boolean): Promise<Map<string, number>> {
  const rows = await world.rows<{ key: string; minor: number }>(
    `select c.external_id || ' ' || m.partner_id as key, sum(m.amount_minor)::bigint as minor
     from commission m join conversion c on c.program_id = m.program_id and c.id = m.conversion_id
     where m.program_id = $1 and ($2 or m.kind <> 'goodwill')
     group by 1 having sum(m.amount_minor) <> 0`,
    goodwill,
  );
  return new Map(rows.map(({ key, minor }) => [key, minor]));
}

/** A re-evaluation without news beside it: what it posts is its study, a waiver takes nothing, and the same rule again moves nothing. */
async function alone(world: World, plan: Plan): Promise<void> {
  await world.drain();
  const before = await posted(world, true);
  const evaluation = await reevaluate(world, { ...plan, isCompared: true });
  const after = await posted(world, true);
  if (plan.downward === 'waive')
    for (const [key, minor] of before)
      if ((after.get(key) ?? 0) < minor)
        throw new BrokenInvariant('a waiver takes nothing', `${key}: ${minor}, then ${after.get(key) ?? 0}`);
  await assertPosted(world, evaluation);
  const beside = await world.rows<object>(
    `select c.external_id as sale, m.partner_id as who, m.kind, m.amount_minor as minor
     from commission m
     join conversion c on c.program_id = m.program_id and c.id = m.conversion_id
     join evaluation e on e.program_id = m.program_id and e.id = $2
     where m.program_id = $1 and m.evaluation_id is null and m.epoch > e.epoch and m.amount_minor <> 0 and c.occurred_at >= e.from_at`,
    evaluation.evaluationId,
  );
  if (beside.length > 0)
    throw new BrokenInvariant('a re-evaluation without news posts its study alone', JSON.stringify(beside.slice(0, 4)));
  const policyId = await insertDraft(world, plan.policy);
  const again = await askStudy(world, { policyId, ...(await rangeOf(world, plan.part)) });
  await carryOutStudy(world, again);
  const moved = (await linesOf(world, again)).filter(
    (line) =>
      line.shareBefore !== line.shareAfter || line.valueBefore !== line.valueAfter || line.before !== line.after,
  );
  if (moved.length > 0)
    throw new BrokenInvariant('the rule in force studied again moves nothing', JSON.stringify(moved.slice(0, 3)));
}

/** To the cent, pair by pair. */
async function assertPosted(world: World, { evaluationId, studyId }: Evaluation): Promise<void> {
  const wrong = await world.rows<object>(
    `select c.external_id as sale, l.beneficiary_id as who, l.commission_after_minor - l.commission_before_minor as studied,
       coalesce(sum(m.amount_minor), 0)::bigint as posted
     from study_line l
     join conversion c on c.program_id = l.program_id and c.id = l.conversion_id
     left join commission m on m.program_id = l.program_id and m.evaluation_id = $3 and m.conversion_id = l.conversion_id
       and m.partner_id = l.beneficiary_id and m.kind = 'adjustment'
     where l.program_id = $1 and l.study_id = $2 and l.beneficiary_kind = 'partner'
     group by 1, 2, 3
     having l.commission_after_minor - l.commission_before_minor <> coalesce(sum(m.amount_minor), 0)`,
    studyId,
    evaluationId,
  );
  if (wrong.length > 0)
    throw new BrokenInvariant('a re-evaluation posts what its study says', JSON.stringify(wrong.slice(0, 4)));
}

/** A → B → A nets to zero in commission rows, and where no goodwill was given before in all rows. */
async function thereAndBack(
  world: World,
  { policy, other, downward }: { policy: Policy; other: Policy; downward: 'recover' | 'waive' },
): Promise<void> {
  await reevaluate(world, { policy, downward: 'recover' });
  const [plain, all] = [await posted(world, false), await posted(world, true)];
  await reevaluate(world, { policy: other, downward });
  await reevaluate(world, { policy, downward: 'recover' });
  const [plainAgain, allAgain] = [await posted(world, false), await posted(world, true)];
  const moved = (from: Map<string, number>, to: Map<string, number>) =>
    [...new Set([...from.keys(), ...to.keys()])].filter((key) => (from.get(key) ?? 0) !== (to.get(key) ?? 0));
  const hadGoodwill = new Set(moved(plain, all));
  const wrong = [...moved(plain, plainAgain), ...moved(all, allAgain).filter((key) => !hadGoodwill.has(key))];
  if (wrong.length > 0) throw new BrokenInvariant('there and back nets to zero', wrong.slice(0, 4).join('; '));
}
