import { explainConversions } from '../../../db/attribution/explanation.ts';
import { BrokenInvariant } from '../broken-invariant.ts';
import type { World } from '../world.ts';
import type { Known } from './known.ts';

/** An explanation reproduces the credit, gives each touchpoint a weight or a reason, and its weights are the shares. */
export async function checkExplanations(world: World, known: Known): Promise<void> {
  const ids = known.conversions.map(({ id }) => id);
  const explanations = await world.tx((tx) => explainConversions(tx, ids));
  for (const { id, externalId, isLocked } of known.conversions) {
    const explanation = explanations.get(id)!;
    if (explanation.isReproduced !== true)
      throw new BrokenInvariant('an explanation reproduces the credit', externalId);
    const silent = explanation.touchpoints.find(({ weight, reason }) => weight === 0 && !reason);
    if (silent)
      throw new BrokenInvariant('a touchpoint has a weight or a reason', `${externalId}: ${JSON.stringify(silent)}`);
    if (!isLocked && explanation.lateEvidence.length > 0)
      throw new BrokenInvariant('only what is locked has late evidence', externalId);
    if (explanation.inheritedFrom !== null) continue;
    const weights = explanation.touchpoints.reduce((sum, { weight }) => sum + weight, 0);
    const shares = known.creditsOf(id).filter(({ kind }) => kind !== 'program');
    const given = shares.reduce((sum, { shareE12 }) => sum + shareE12, 0) / 1e12;
    if (Math.abs(weights - given) > 1e-9)
      throw new BrokenInvariant('weights are the shares', `${externalId}: ${weights}, not ${given}`);
  }
}
