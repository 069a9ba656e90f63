import { pairKey } from '../../db/attribution/commission-targets.ts';
import { CREDIT_ALONE, explainConversions } from '../../db/attribution/explanation.ts';
import { newId } from '../../db/ids.ts';
import type { NewCommission, Pair } from '../../db/queries/commission.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { readForfeited } from '../../db/queries/forfeit.ts';
import { insertHold } from '../../db/queries/hold.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import { getPolicy } from '../../db/queries/policy-version.ts';
import type { PolicyVersion } from '../../db/queries/policy-version.ts';
import { readScreenFacts } from '../../db/queries/screen.ts';
import { insertScreenHit } from '../../db/queries/screen-hit.ts';
import type { NewScreenHit } from '../../db/queries/screen-hit.ts';
import type { Tx } from '../../db/transaction.ts';
import type { ScreenFacts } from '../../domain/screen/facts.ts';
import { screensInForce } from '../../domain/screen/screens.ts';
import type { ScreenInForce } from '../../domain/screen/screen.ts';
import { currentWorkflow } from '../workflow-context.ts';

/**
 * The row of each pair with which its total first becomes more than nothing. A rate that was missing, a cap or a rule may have made its
 * earlier rows nothing, and nothing cannot be held.
 * @param earnedBefore keys of the pairs whose total was more than nothing before these rows
 */
export function firstEarnings(rows: readonly NewCommission[], earnedBefore: ReadonlySet<string>): NewCommission[] {
  const firsts = new Map<string, NewCommission>();
  for (const row of rows) {
    if (row.conversionId === null || row.totalAfterMinor <= 0) continue;
    const key = pairKey({ partnerId: row.partnerId, conversionId: row.conversionId });
    const known = firsts.get(key);
    if (!earnedBefore.has(key) && (!known || row.revision < known.revision)) firsts.set(key, row);
  }
  return [...firsts.values()];
}

/**
 * Screens what pairs earn for the first time for fraud (attribution.md §6). A hit changes no weight: it puts a hold with its reason, which a
 * person lifts or confirms, and is noted with the version of the rule. The caller holds the partners' locks.
 * @returns the ids of the holds that were placed
 */
export async function screenPairs(
  tx: Tx,
  earning: readonly NewCommission[],
  at: string,
  horizon: string,
): Promise<string[]> {
  if (earning.length === 0) return [];
  const { settings } = await readProgramFrame(tx);
  const screens = screensInForce(settings);
  const reuseWithin = screens.find(({ screen }) => screen.name === 'id-reused')!.parameters.within!;
  const pairs = earning.map(({ partnerId, conversionId }) => ({ partnerId, conversionId: conversionId! }));
  const commissions = new Map(earning.map((row, index) => [pairKey(pairs[index]!), row.id]));
  const ageFaults = await findAgeFaults(tx, earning);
  const forfeited = new Set((await readForfeited(tx, pairs, horizon)).map(pairKey));
  const holdIds: string[] = [];
  for (const facts of await readScreenFacts(tx, pairs, { horizon, reuseWithin })) {
    const pair = { partnerId: facts.partnerId, conversionId: facts.conversionId };
    const commissionId = commissions.get(pairKey(pair))!;
    // What came since earns the order again: whoever confirmed the hold has not seen that, and the screens have said what they see.
    if (forfeited.has(pairKey(pair))) {
      holdIds.push(await hold(tx, { ...pair, commissionId, reason: 'confirmed-before', at }));
      continue;
    }
    const tooYoungOrOld = ageFaults.get(pair.conversionId);
    for (const found of [...hitsOf(screens, facts), ...(tooYoungOrOld ? [tooYoungOrOld] : [])]) {
      const holdId = await hold(tx, { ...pair, commissionId, reason: found.screen, at });
      await insertScreenHit(tx, { ...pair, ...found, holdId, at });
      holdIds.push(holdId);
    }
  }
  return holdIds;
}

/** What holds money: the name of a rule, its version and parameters, and what it saw. */
type Found = Pick<NewScreenHit, 'screen' | 'version' | 'parameters' | 'evidence'>;

function hitsOf(screens: readonly ScreenInForce[], facts: ScreenFacts): Found[] {
  return screens.flatMap(({ isOn, screen, parameters }) => {
    const evidence = isOn ? screen.evidence(facts, parameters) : null;
    return evidence === null ? [] : [{ screen: screen.name, version: screen.version, parameters, evidence }];
  });
}

/** Places a hold on what a conversion earns a partner, and says so in the record. @returns its id */
async function hold(tx: Tx, held: Pair & { commissionId: string; reason: string; at: string }): Promise<string> {
  const { reason, at, ...about } = held;
  const id = newId('hold');
  await insertHold(tx, { ...about, id, reason, untilAt: null, placedBy: `screen/${reason}`, placedAt: at });
  await recordEvent(tx, {
    kind: 'commission.held',
    actor: { kind: 'rule', id: reason },
    at,
    partnerId: held.partnerId,
    subject: { type: 'commission', id: held.commissionId },
    data: { holdId: id, reason, conversionId: held.conversionId },
    workflow: currentWorkflow(),
  });
  return id;
}

/** Of a journey that is too long for an object per touchpoint the newest are looked at for the one that earned credit last. */
const LISTED = 100;

/**
 * Conversions younger or older than their policy allows: they are credited, and held for a person (attribution.md §3). The rule that found
 * them is the policy, so its version stands beside what it saw.
 */
async function findAgeFaults(tx: Tx, earning: readonly NewCommission[]): Promise<Map<string, Found>> {
  const aged = new Map<string, PolicyVersion>();
  for (const id of new Set(earning.flatMap(({ policyId }) => policyId ?? []))) {
    const policy = await getPolicy(tx, id);
    if (policy.body.minimumAge !== undefined || policy.body.maximumAge !== undefined) aged.set(id, policy);
  }
  const ids = earning
    .filter(({ policyId }) => policyId !== null && aged.has(policyId))
    .map(({ conversionId }) => conversionId!);
  if (ids.length === 0) return new Map();
  const found = new Map<string, Found>();
  const explained = await explainConversions(tx, [...new Set(ids)], { ...CREDIT_ALONE, listed: LISTED });
  for (const [id, { policyId, ageFault, touchpoints }] of explained) {
    if (ageFault === null || policyId === null) continue;
    const last = touchpoints.findLast(({ partnerId, weight }) => partnerId !== null && weight > 0);
    const policy = aged.get(policyId) ?? (await getPolicy(tx, policyId));
    found.set(id, ageFaultOf(ageFault, policy, last?.occurredAt));
  }
  return found;
}

/** @param lastAt of the partners' last touchpoint with weight, where it is known */
function ageFaultOf(fault: 'too-soon' | 'too-late', { name, version, body }: PolicyVersion, lastAt?: string): Found {
  const within = fault === 'too-soon' ? body.minimumAge! : body.maximumAge!;
  const touchpoint = `the last touchpoint that earned a partner credit${lastAt === undefined ? '' : ` (${lastAt})`}`;
  const allowed = fault === 'too-soon' ? `less than the minimum of ${within}` : `more than the maximum of ${within}`;
  const evidence = `The conversion came ${allowed} after ${touchpoint}, by the policy “${name}”, version ${version}.`;
  return { screen: fault, version, parameters: { within }, evidence };
}
