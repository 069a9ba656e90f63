import { intakeIdentities } from '../../../db/intake/identities.ts';
import { undoMerge } from '../../../db/intake/merge-undo.ts';
import { withdrawConsent } from '../../../db/intake/withdrawal.ts';
import type { Dice } from '../../support/dice.ts';
import { action, sometimes } from '../action.ts';
import type { Actions } from '../action.ts';
import { BY } from '../world.ts';

/** Visitors and customers: few, so that they meet. */
export const PERSONS = 5;

export interface Person {
  visitorId?: string;
  customerId?: string;
}

/** Some are known as visitors and some as customers; only a merge makes one person of two. */
export function person(no: number): Person {
  const one = no % PERSONS;
  return one % 2 === 0 ? { visitorId: `v${one}` } : { customerId: `c${one}` };
}

/** From 0, now, to 1, long ago, more of them late. */
export function drawBack(dice: Dice): number {
  return Math.round(dice.next() ** 1.5 * 1_000) / 1_000;
}

export const IDENTITY: Actions = {
  merge: action(
    4,
    (dice) => ({
      visitor: dice.whole(PERSONS),
      customer: dice.whole(PERSONS),
      back: drawBack(dice),
      ...sometimes(dice, 4, { email: dice.whole(3) }),
    }),
    async (world, { visitor, customer, back, email }, no) => {
      const ids = {
        visitorId: `v${visitor}`,
        customerId: `c${customer}`,
        ...(email !== undefined && { emailHash: `${'a'.repeat(63)}${email}` }),
      };
      await intakeIdentities(world.pool, world.programId, [{ ...ids, occurredAt: await world.at(back, no) }]);
    },
  ),

  undo: action(
    2,
    (dice) => ({ merge: dice.whole(10) }),
    async (world, { merge }) => {
      const merges = await world.rows<{ id: string }>(
        'select id from identity_merge where program_id = $1 and refused_reason is null order by received_at, cause, a_id, b_id',
      );
      const one = merges.at(merge % Math.max(1, merges.length));
      if (one) await world.tx((tx) => undoMerge(tx, { mergeId: one.id, reason: 'r', by: BY.id }));
    },
  ),

  withdraw: action(
    1,
    (dice) => ({ who: dice.whole(PERSONS) }),
    async (world, { who }) => {
      await world.tx((tx) => withdrawConsent(tx, person(who), { id: BY.id, actor: BY }));
    },
  ),
};
