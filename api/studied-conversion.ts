import { SHARES } from '../domain/attribution/shares.ts';
import type { StudiedSide } from '../db/attribution/study-explanation.ts';
import type { StudiedConversion } from '../db/queries/study-conversion.ts';

/** A conversion of a study with its two explanations. @param names of partners, by id */
export function showStudiedConversion(
  { movedE12, commissionMovedMinor, ...row }: StudiedConversion,
  { before, after }: { before: StudiedSide; after: StudiedSide },
  names: ReadonlyMap<string, string>,
) {
  return {
    ...row,
    creditMoved: movedE12 / SHARES,
    commissionMoved: commissionMovedMinor,
    before: showSide(before, names),
    after: showSide(after, names),
  };
}

function showSide(
  { policyId, inheritedFrom, currency, credits, touchpoints }: StudiedSide,
  names: ReadonlyMap<string, string>,
) {
  return {
    policyId,
    ...(inheritedFrom ? { inheritedFrom } : {}),
    credits: credits.map(({ beneficiary: { kind, id }, channel, shareE12, minor }) => ({
      beneficiary: { kind, id, name: names.get(id) ?? id },
      channel,
      share: shareE12 / SHARES,
      value: { minor, currency },
    })),
    touchpoints: touchpoints.map(({ partnerId, ...touchpoint }) => ({
      ...touchpoint,
      ...(partnerId ? { partnerId } : {}),
    })),
  };
}
