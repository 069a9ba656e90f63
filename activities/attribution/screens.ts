import { explainConversions } from '../../db/attribution/explanation.ts';
import type { NewCommission } from '../../db/queries/commission.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import { getPolicy } from '../../db/queries/policy-version.ts';
import { insertHold, readScreenFacts } from '../../db/queries/screen.ts';
import type { ScreenFacts } from '../../db/queries/screen.ts';
import type { Tx } from '../../db/transaction.ts';
import { durationMs } from '../../domain/time/duration.ts';
import { currentWorkflow } from '../workflow-context.ts';

/**
 * Screens the first commissions of pairs for fraud (attribution.md §6). A hit changes no weight: it puts a hold with its reason, which a
 * person lifts or confirms. The caller holds the partners' locks.
 * @returns the ids of the holds that were placed
 */
export async function screenPairs(
  tx: Tx,
  firsts: readonly NewCommission[],
  at: string,
  horizon: string,
): Promise<string[]> {
  const earning = firsts.filter(({ amountMinor, conversionId }) => amountMinor > 0 && conversionId !== null);
  if (earning.length === 0) return [];
  const { settings } = await readProgramFrame(tx);
  const tooFastMicros = durationMs(settings.durations.tooFast, 'settings.durations.tooFast') * 1_000;
  const pairs = earning.map(({ partnerId, conversionId }) => ({ partnerId, conversionId: conversionId! }));
  const commissions = new Map(earning.map((row) => [`${row.partnerId} ${row.conversionId}`, row.id]));
  const ageFaults = await readAgeFaults(tx, earning);
  const holdIds: string[] = [];
  for (const facts of await readScreenFacts(tx, pairs, horizon)) {
    for (const reason of [...reasonsToHold(facts, tooFastMicros), ...(ageFaults.get(facts.conversionId) ?? [])]) {
      const { partnerId, conversionId } = facts;
      const commissionId = commissions.get(`${partnerId} ${conversionId}`)!;
      const holdId = await insertHold(tx, {
        partnerId,
        conversionId,
        commissionId,
        reason,
        placedBy: `screen/${reason}`,
        at,
      });
      holdIds.push(holdId);
      const actor = { kind: 'rule' as const, id: reason };
      await recordEvent(tx, {
        kind: 'commission.held',
        actor,
        at,
        partnerId,
        subject: { type: 'commission', id: commissionId },
        data: { holdId, reason, conversionId },
        workflow: currentWorkflow(),
      });
    }
  }
  return holdIds;
}

function reasonsToHold(
  { isSelfReferral, clickAgeMicros, hasBotTouch, isFromBrowser }: ScreenFacts,
  tooFastMicros: number,
): string[] {
  const reasons: string[] = [];
  if (isSelfReferral) reasons.push('self-referral');
  if (clickAgeMicros !== null && clickAgeMicros < tooFastMicros) reasons.push('too-fast');
  if (hasBotTouch) reasons.push('known-bot');
  if (isFromBrowser) reasons.push('reported-by-browser');
  return reasons;
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
