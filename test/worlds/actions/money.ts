import { createAdjustmentActivities } from '../../../activities/adjustment.ts';
import { createHoldActivities } from '../../../activities/hold.ts';
import { newId } from '../../../db/ids.ts';
import { insertAdjustment } from '../../../db/queries/adjustment.ts';
import { putFxRates } from '../../../db/queries/fx-rate.ts';
import { insertHold } from '../../../db/queries/hold.ts';
import { DomainError } from '../../../domain/errors.ts';
import { action, sometimes } from '../action.ts';
import type { Actions } from '../action.ts';
import { BY, DAY_MS } from '../world.ts';
import type { World } from '../world.ts';
import { drawBack } from './identity.ts';

const rates = (day: string, euro: string) => [
  { base: 'EUR', quote: 'USD', day, rate: euro, source: 'x' },
  { base: 'USD', quote: 'EUR', day, rate: '0.91', source: 'x' },
];

async function held(world: World, partnerId: string, conversionId: string | null) {
  return world.rows<{ isRenewal: boolean; isStated: boolean }>(
    `select distinct v.parent_external_id is not null as "isRenewal",
       exists (select from statement_line l where l.program_id = c.program_id and l.commission_id = c.id) as "isStated"
     from commission c
     join conversion v on v.program_id = c.program_id and v.id = c.conversion_id
     where c.program_id = $1 and c.partner_id = $2 and c.conversion_id = $3`,
    partnerId,
    conversionId,
  );
}

export const MONEY: Actions = {
  drain: action(
    6,
    () => ({}),
    (world) => world.drain(),
  ),

  advance: action(
    5,
    (dice) => ({ days: dice.one([1, 3, 5, 8, 15]), locks: dice.whole(4) !== 0 }),
    (world, { days, locks }) => world.moveOn(days, locks),
  ),

  rate: action(
    2,
    (dice) => ({ back: drawBack(dice), euro: dice.one(['1.08', '1.1', '1.05']) }),
    async (world, { back, euro }, no) => {
      const day = (await world.at(back, no)).slice(0, 10);
      try {
        await world.tx((tx) => putFxRates(tx, rates(day, euro)));
      } catch (error) {
        // A rate that priced something stands.
        if (!(error instanceof DomainError) || error.code !== 'immutable') throw error;
      }
    },
  ),

  /** Every day that has no rate gets one. */
  rates: action(
    1,
    () => ({}),
    async (world) => {
      const days: string[] = [];
      const untilMs = (await world.latestMs()) + DAY_MS;
      for (let ms = world.fromMs; ms < untilMs; ms += DAY_MS) days.push(new Date(ms).toISOString().slice(0, 10));
      const known = await world.rows<{ day: string }>('select day::text as day from fx_rate where program_id = $1');
      const missing = days.filter((day) => !known.some((row) => row.day === day));
      await world.tx((tx) =>
        putFxRates(
          tx,
          missing.flatMap((day) => rates(day, '1.0837')),
        ),
      );
    },
  ),

  hold: action(
    3,
    (dice) => ({
      commission: dice.whole(20),
      ...sometimes(dice, 2, { wider: dice.one(['conversion', 'partner']) }),
    }),
    async (world, { commission, wider }) => {
      const rows = await world.rows<{ id: string; partnerId: string; conversionId: string }>(
        `select id, partner_id as "partnerId", conversion_id as "conversionId" from commission
         where program_id = $1 and conversion_id is not null and revision = 1
         order by conversion_id, partner_id`,
      );
      const row = rows.at(commission % Math.max(1, rows.length));
      if (!row) return;
      const about = {
        partnerId: row.partnerId,
        commissionId: wider === undefined ? row.id : null,
        conversionId: wider === 'partner' ? null : row.conversionId,
      };
      const id = newId('hold');
      const placed = { reason: 'manual', untilAt: null, placedBy: BY.id, placedAt: world.now };
      await world.tx((tx) => insertHold(tx, { id, ...about, ...placed }));
    },
  ),

  review: action(
    4,
    (dice) => ({ hold: dice.whole(5), outcome: dice.one(['confirm', 'lift']) }),
    async (world, { hold, outcome }) => {
      const holds = await world.rows<{ id: string; partnerId: string; conversionId: string | null }>(
        `select id, partner_id as "partnerId", conversion_id as "conversionId" from hold
         where program_id = $1 and ended_at is null
         order by placed_at, id`,
      );
      const one = holds.at(hold % Math.max(1, holds.length));
      if (!one) return;
      const decision = { programId: world.programId, subjectId: one.id, outcome, taskId: 'tsk_x', by: BY };
      const { confirmHold, endHold } = createHoldActivities(world.deps());
      const rows = await held(world, one.partnerId, one.conversionId);
      if (outcome === 'confirm') {
        world.mayMoveLocked = true;
        await confirmHold({ ...decision, at: world.now });
      }
      await endHold({ ...decision, at: world.now });
      await world.drain();
      const isWhole = rows.length > 0 && rows.every(({ isRenewal, isStated }) => !isRenewal && !isStated);
      if (outcome === 'confirm' && isWhole)
        world.confirmed.push({ partnerId: one.partnerId, conversionId: one.conversionId! });
    },
  ),

  /** An approved adjustment that no order earned. */
  adjust: action(
    2,
    (dice) => ({ partner: dice.whole(5), minor: dice.one([500, -300, 1_000]) }),
    async (world, { partner, minor }) => {
      const { partnerId } = world.partner(partner);
      const [window] = await world.rows<{ currency: string }>(
        `select w.currency from attribution_window w join program_clock k on k.program_id = w.program_id
         where w.program_id = $1 and w.partner_id = $2 and w.to_at > greatest(clock_timestamp(), k.cut_at)
         order by w.no limit 1`,
        partnerId,
      );
      if (!window) return;
      const id = newId('adjustment');
      const asked = { id, partnerId, amountMinor: minor, currency: window.currency, requestedBy: 'per_a' };
      await world.tx((tx) => insertAdjustment(tx, { ...asked, reason: 'r', relatesTo: null }));
      const decision = { programId: world.programId, subjectId: id, outcome: 'approve', taskId: 'tsk_x', by: BY };
      await createAdjustmentActivities(world.deps()).decideAdjustment({ ...decision, at: world.now });
    },
  ),
};
