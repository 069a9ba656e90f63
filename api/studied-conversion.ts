import { SHARES } from '../domain/attribution/shares.ts';
import type { StudiedSide } from '../db/attribution/study-explanation.ts';
import type { PolicyName } from '../db/queries/policy-name.ts';
import type { StudiedConversion } from '../db/queries/study-conversion.ts';

/** Names by id. */
interface Named {
  /** Of partners. */
  names: ReadonlyMap<string, string>;
  policies: ReadonlyMap<string, PolicyName>;
}

/** A conversion of a study with its two explanations. */
export function showStudiedConversion(
  { movedE12, commissionMovedMinor, ...row }: StudiedConversion,
  { before, after }: { before: StudiedSide; after: StudiedSide },
  named: Named,
) {
  return {
    ...row,
    creditMoved: movedE12 / SHARES,
    commissionMoved: commissionMovedMinor,
    before: showSide(before, named),
    after: showSide(after, named),
  };
}

function showSide(
  { policyId, inheritedFrom, notInherited, currency, credits, touchpoints, moreTouchpoints }: StudiedSide,
  { names, policies }: Named,
) {
  return {
    policyId,
    policyName: null,
    policyVersion: null,
    ...(policyId === null ? {} : policies.get(policyId)),
    ...(inheritedFrom ? { inheritedFrom } : {}),
    ...(notInherited ? { notInherited } : {}),
    credits: credits.map(({ beneficiary: { kind, id }, channel, shareE12, minor, ...contract }) => ({
      beneficiary: { kind, id, name: names.get(id) ?? id },
      channel,
      share: shareE12 / SHARES,
      value: { minor, currency },
      ...contract,
    })),
    touchpoints: touchpoints.map(({ partnerId, ...touchpoint }) => ({
      ...touchpoint,
      ...(partnerId ? { partnerId } : {}),
    })),
    ...(moreTouchpoints > 0 ? { moreTouchpoints } : {}),
  };
}
