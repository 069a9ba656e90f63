import { pairKey } from '../../db/attribution/commission-targets.ts';
import { explainConversions } from '../../db/attribution/explanation.ts';
import { newId } from '../../db/ids.ts';
import type { NewCommission, Pair } from '../../db/queries/commission.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { insertHold } from '../../db/queries/hold.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import { getPolicy } from '../../db/queries/policy-version.ts';
import { readScreenFacts } from '../../db/queries/screen.ts';
import { insertScreenHit } from '../../db/queries/screen-hit.ts';
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
  const ageFaults = await readAgeFaults(tx, earning);
  const holdIds: string[] = [];
  for (const facts of await readScreenFacts(tx, pairs, { horizon, reuseWithin })) {
    const pair = { partnerId: facts.partnerId, conversionId: facts.conversionId };
    const commissionId = commissions.get(pairKey(pair))!;
    for (const { evidence, screen, parameters } of hitsOf(screens, facts)) {
      const holdId = await hold(tx, { ...pair, commissionId, reason: screen.name, at });
      const { name, version } = screen;
      await insertScreenHit(tx, { ...pair, holdId, screen: name, version, parameters, evidence, at });
      holdIds.push(holdId);
    }
    for (const reason of ageFaults.get(pair.conversionId) ?? []) {
      holdIds.push(await hold(tx, { ...pair, commissionId, reason, at }));
    }
  }
  return holdIds;
}

function hitsOf(screens: readonly ScreenInForce[], facts: ScreenFacts): (ScreenInForce & { evidence: string })[] {
  return screens.flatMap((inForce) => {
    const evidence = inForce.isOn ? inForce.screen.evidence(facts, inForce.parameters) : null;
    return evidence === null ? [] : [{ ...inForce, evidence }];
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

/** Conversions younger or older than their policy allows: they are credited, and held for a person (attribution.md §3). */
async function readAgeFaults(tx: Tx, earning: readonly NewCommission[]): Promise<Map<string, string[]>> {
  const policyIds = [...new Set(earning.flatMap(({ policyId }) => policyId ?? []))];
  const aged = new Set<string>();
  for (const id of policyIds) {
    const { body } = await getPolicy(tx, id);
    if (body.minimumAge !== undefined || body.maximumAge !== undefined) aged.add(id);
  }
  const ids = earning
    .filter(({ policyId }) => policyId !== null && aged.has(policyId))
    .map(({ conversionId }) => conversionId!);
  if (ids.length === 0) return new Map();
  const explanations = await explainConversions(tx, [...new Set(ids)]);
  return new Map([...explanations].map(([id, { ageFault }]) => [id, ageFault === null ? [] : [ageFault]]));
}
