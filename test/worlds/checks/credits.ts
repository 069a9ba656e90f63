import { creditConversion } from '../../../domain/attribution/credit.ts';
import { policyInForce } from '../../../domain/attribution/in-force.ts';
import { inheritShares } from '../../../domain/attribution/split.ts';
import { BrokenInvariant } from '../broken-invariant.ts';
import type { Known, KnownConversion } from './known.ts';

const WHOLE_E12 = 1_000_000_000_000;

/** Every conversion is credited, in whole, on what its refunds leave; one that is not locked as the plain rules credit it by all facts. */
export function checkCredits(known: Known): void {
  for (const conversion of known.conversions) {
    const { id, externalId } = conversion;
    if (!conversion.generation) throw new BrokenInvariant('every conversion is credited', externalId);
    const remaining = known.remainingOf(conversion);
    if (conversion.storedRemaining !== remaining)
      throw new BrokenInvariant(
        'what remains is what the refunds leave',
        `${externalId}: ${conversion.storedRemaining}, not ${remaining}`,
      );
    const stored = known.creditsOf(id);
    const shares = stored.reduce((sum, { shareE12 }) => sum + shareE12, 0);
    const minor = stored.reduce((sum, credit) => sum + credit.minor, 0);
    if (shares !== WHOLE_E12 || minor !== remaining)
      throw new BrokenInvariant(
        'credits sum to the whole',
        `${externalId}: shares ${shares}, money ${minor} of ${remaining}`,
      );
    if (conversion.isLocked) continue;
    const told = linesOf(stored);
    const wanted = linesOf(creditsByRules(known, conversion, remaining));
    if (told !== wanted)
      throw new BrokenInvariant('an open conversion is credited by all facts', `${externalId}: ${told}, not ${wanted}`);
  }
}

function linesOf(credits: readonly { id: string; channel: string; shareE12: number; minor: number }[]): string {
  return credits
    .map(({ id, channel, shareE12, minor }) => [id, channel, shareE12, minor].join('/'))
    .sort()
    .join(' ');
}

function creditsByRules(known: Known, conversion: KnownConversion, remaining: number) {
  const { occurredAt, type, parentExternalId } = conversion;
  const span = policyInForce(known.spans, type, occurredAt);
  const parent = parentExternalId === null ? undefined : known.byExternalId.get(parentExternalId);
  const inherited = parent === undefined ? [] : known.creditsOf(parent.id);
  const credits =
    span !== null && inherited.length > 0
      ? inheritShares(
          remaining,
          inherited.map(({ kind, id, ...share }) => ({ ...share, beneficiary: { kind, id }, firstTouchAt: null })),
          (partnerId) => known.contractAt(partnerId, occurredAt) !== null,
        )
      : creditConversion(
          { occurredAt, remainingMinor: remaining },
          span === null ? [] : known.journeyOf(conversion),
          (span ?? known.spans[0]!).policy,
          (partnerId) => known.contractAt(partnerId, occurredAt)?.terms.lookback ?? null,
        ).credits;
  return credits.map(({ beneficiary, ...credit }) => ({ ...credit, id: beneficiary.id }));
}
