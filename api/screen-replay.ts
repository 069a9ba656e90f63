import { listEarningPairs, readScreenFacts } from '../db/queries/screen.ts';
import type { EarningPair } from '../db/queries/screen.ts';
import type { Tx } from '../db/transaction.ts';
import { compareText } from '../domain/attribution/journey.ts';
import type { Money } from '../domain/money/money.ts';
import type { Screen, ScreenParameters } from '../domain/screen/screen.ts';
import { refusedFields } from './validate.ts';

const MOST_PAIRS = 50_000;
const PAIRS_AT_ONCE = 1_000;
const SAMPLE = 50;

interface Found extends EarningPair {
  evidence: string;
}

/** What a screen with these parameters would have held of the conversions of a range. Writes nothing. */
export interface ScreenReplay {
  examined: number;
  hits: number;
  heldBefore: number;
  partners: number;
  money: Money[];
  sample: { partnerId: string; conversionId: string; evidence: string; commission: Money; heldBefore: boolean }[];
}

/**
 * Looks at past commissions as the screen would have, with the identities as they are known now.
 * @throws DomainError `invalid` for a range with too many commissions
 */
export async function replayScreen(
  tx: Tx,
  screen: Screen,
  parameters: ScreenParameters,
  range: { from: string; to: string },
): Promise<ScreenReplay> {
  const pairs = await listEarningPairs(tx, { ...range, limit: MOST_PAIRS + 1 });
  if (pairs.length > MOST_PAIRS) {
    throw refusedFields([{ path: 'to', message: `Choose a shorter range: at most ${MOST_PAIRS} commissions.` }]);
  }
  const scope = { horizon: 'infinity', reuseWithin: parameters.within ?? 'P1D' };
  const found: Found[] = [];
  for (let from = 0; from < pairs.length; from += PAIRS_AT_ONCE) {
    const slice = pairs.slice(from, from + PAIRS_AT_ONCE);
    const evidence = new Map(
      (await readScreenFacts(tx, slice, scope)).map((facts) => [keyOf(facts), screen.evidence(facts, parameters)]),
    );
    found.push(
      ...slice.flatMap((pair) => {
        const text = evidence.get(keyOf(pair)) ?? null;
        return text === null ? [] : [{ ...pair, evidence: text }];
      }),
    );
  }
  return {
    examined: pairs.length,
    hits: found.length,
    heldBefore: found.filter(({ isHit }) => isHit).length,
    partners: new Set(found.map(({ partnerId }) => partnerId)).size,
    money: sumsOf(found),
    sample: found.slice(0, SAMPLE).map(({ partnerId, conversionId, evidence, minor, currency, isHit }) => ({
      partnerId,
      conversionId,
      evidence,
      commission: { minor, currency },
      heldBefore: isHit,
    })),
  };
}

function keyOf({ partnerId, conversionId }: { partnerId: string; conversionId: string }): string {
  return `${partnerId} ${conversionId}`;
}

function sumsOf(found: readonly Found[]): Money[] {
  const sums = new Map<string, number>();
  for (const { minor, currency } of found) sums.set(currency, (sums.get(currency) ?? 0) + minor);
  return [...sums].sort(([a], [b]) => compareText(a, b)).map(([currency, minor]) => ({ minor, currency }));
}
