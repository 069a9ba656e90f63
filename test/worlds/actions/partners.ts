import { createContractSignatureActivities } from '../../../activities/contract-signature.ts';
import { endContract } from '../../../activities/contract-end.ts';
import { joinIntake } from '../../../db/locks.ts';
import { ensureContract, insertContractVersion } from '../../../db/queries/contract.ts';
import { insertProfile } from '../../../db/queries/partner-change.ts';
import type { Terms } from '../../../domain/contract/terms.ts';
import { action, sometimes } from '../action.ts';
import type { Actions } from '../action.ts';
import { CHANGES, drawChange } from '../plans.ts';
import { DAY_MS } from '../world.ts';
import type { World, WorldPartner } from '../world.ts';

/** Puts terms in force as the next version, now or some days ahead. */
async function force(world: World, partner: WorldPartner, terms: Terms, aheadDays: number): Promise<void> {
  const { partnerId, contractId, version } = partner;
  const atMs = await world.latestMs();
  const at = new Date(atMs).toISOString();
  const effectiveFrom = new Date(atMs + aheadDays * DAY_MS).toISOString();
  const row = { contractId, version, terms, effectiveFrom, hash: `h${version}`, body: '', documentId: null };
  await world.tx((tx) => insertContractVersion(tx, { ...row, reason: null, offeredAt: at, offeredBy: 'per_x' }));
  const step = { programId: world.programId, partnerId, contractId, version, hash: row.hash, at };
  await createContractSignatureActivities(world.deps()).putInForce({ ...step, actor: { kind: 'system' } });
}

export const PARTNERS: Actions = {
  amend: action(
    3,
    (dice) => ({
      partner: dice.whole(5),
      change: drawChange(dice),
      ...sometimes(dice, 3, { ahead: dice.whole(9) }),
    }),
    async (world, { partner, change, ahead = 0 }) => {
      const one = world.partner(partner);
      if (one.isEnded) return;
      one.version += 1;
      one.terms = CHANGES[change]!(one.terms);
      await force(world, one, one.terms, ahead);
    },
  ),

  end: action(
    1,
    (dice) => ({ partner: dice.whole(5) }),
    async (world, { partner }) => {
      const one = world.partner(partner);
      if (one.isEnded) return;
      one.isEnded = true;
      const { partnerId, contractId } = one;
      const at = new Date(await world.latestMs()).toISOString();
      await world.tx(async (tx) => {
        const receivedAt = await joinIntake(tx);
        await endContract(tx, { partnerId, contractId, at, receivedAt, actor: { kind: 'system' } });
      });
    },
  ),

  /** A partner whose contract ended signs another one. */
  'sign-again': action(
    2,
    (dice) => ({
      ...sometimes(dice, 2, { change: drawChange(dice) }),
      ...sometimes(dice, 3, { ahead: dice.whole(4) }),
    }),
    async (world, { change, ahead = 0 }) => {
      const one = world.partners.find(({ isEnded }) => isEnded);
      if (!one) return;
      one.round += 1;
      const { partnerId, round } = one;
      one.contractId = await world.tx((tx) => ensureContract(tx, { partnerId, round, templateId: 'tpl' }));
      one.version = 1;
      if (change !== undefined) one.terms = CHANGES[change]!(one.terms);
      one.isEnded = false;
      await force(world, one, one.terms, ahead);
    },
  ),

  profile: action(
    2,
    (dice) => ({
      partner: dice.whole(5),
      change:
        dice.whole(3) === 0
          ? { timeZone: dice.one(['Asia/Tokyo', 'America/Los_Angeles']) }
          : { type: dice.one(['creator', 'agency', 'coupon']) },
    }),
    async (world, { partner, change }) => {
      await world.tx((tx) => insertProfile(tx, world.partner(partner).partnerId, change));
    },
  ),
};
