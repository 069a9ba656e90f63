import { BrokenInvariant } from '../broken-invariant.ts';
import type { Known } from './known.ts';

export type LockedShares = ReadonlyMap<string, string>;

/** The shares of the conversions that are locked, by external id. */
export function lockedShares(known: Known): LockedShares {
  const locked = known.conversions.filter(({ isLocked }) => isLocked);
  return new Map(
    locked.map(({ id, externalId }) => {
      const lines = known.creditsOf(id).map((credit) => [credit.id, credit.channel, credit.shareE12].join('/'));
      return [externalId, lines.sort().join(' ')];
    }),
  );
}

/** What is locked stays locked, and its shares stay as they are: only decisions move them. */
export function checkLocks(before: LockedShares, now: LockedShares, mayMove: boolean): void {
  for (const [externalId, shares] of before) {
    const standing = now.get(externalId);
    if (standing === undefined) throw new BrokenInvariant('what is locked stays locked', externalId);
    if (!mayMove && standing !== shares)
      throw new BrokenInvariant('locked shares stay', `${externalId}: ${shares}, then ${standing}`);
  }
}
