import { groupBy } from '../../../db/attribution/group-by.ts';
import { windowCommissions } from '../../../domain/commission/window.ts';
import type { WindowConversion } from '../../../domain/commission/window.ts';
import { epochMicros } from '../../../domain/time/instant.ts';
import { wholeMonthsBetween } from '../../../domain/time/months-between.ts';
import { BrokenInvariant } from '../broken-invariant.ts';
import type { World } from '../world.ts';
import type { Known, KnownConversion } from './known.ts';

interface Posted {
  partnerId: string;
  conversionId: string;
  minor: number;
  goodwill: number;
}

/** Every commission is what the contract of the day makes of the credit, window of origin by window of origin. */
export async function checkCommissions(world: World, known: Known): Promise<void> {
  const rows = await world.rows<Posted>(
    `select partner_id as "partnerId", conversion_id as "conversionId",
       coalesce(sum(amount_minor) filter (where kind <> 'goodwill'), 0)::bigint as minor,
       coalesce(sum(amount_minor) filter (where kind = 'goodwill'), 0)::bigint as goodwill
     from commission where program_id = $1 and conversion_id is not null
     group by 1, 2`,
  );
  const posted = new Map(rows.map((row) => [`${row.partnerId} ${row.conversionId}`, row]));
  checkGoodwill(known, rows);
  for (const { partnerId } of world.partners) {
    for (const group of groupBy(known.conversions, (one) => originOf(known, partnerId, one)).values()) {
      const inputs = group.flatMap((conversion) => inputOf(known, partnerId, conversion) ?? []);
      const ruled = new Map(windowCommissions(inputs).map(({ externalId, minor }) => [externalId, minor]));
      for (const { id, externalId } of group) {
        const minor = posted.get(`${partnerId} ${id}`)?.minor ?? 0;
        const wanted = ruled.get(externalId) ?? 0;
        if (minor !== wanted)
          throw new BrokenInvariant(
            'a commission is what its credit earns',
            `${partnerId} ${externalId}: ${minor}, not ${wanted}`,
          );
      }
    }
  }
  await checkConfirmedHolds(world, posted);
}

/** What a waiver left is never below nothing, and goes with a sale that is wholly given back. */
function checkGoodwill(known: Known, rows: readonly Posted[]): void {
  const returned = known.conversions.filter((one) => one.valueMinor > 0 && known.remainingOf(one) === 0);
  const ids = new Set(returned.map(({ id }) => id));
  for (const { partnerId, conversionId, goodwill } of rows) {
    const detail = `${partnerId} ${conversionId}: ${goodwill}`;
    if (goodwill < 0) throw new BrokenInvariant('goodwill is never below zero', detail);
    if (goodwill > 0 && ids.has(conversionId))
      throw new BrokenInvariant('goodwill goes with a sale that is given back', detail);
  }
}

/** The window of origin; a conversion that none holds, as in the time after a contract, stands alone. */
function originOf(known: Known, partnerId: string, { id, occurredAt }: KnownConversion): string {
  const at = epochMicros(occurredAt);
  const window = known.windows.find(
    (one) => one.partnerId === partnerId && epochMicros(one.fromAt) <= at && at < epochMicros(one.toAt),
  );
  return window?.id ?? id;
}

function inputOf(known: Known, partnerId: string, conversion: KnownConversion): WindowConversion | null {
  const { id, externalId, occurredAt, parentExternalId, currency, valueMinor } = conversion;
  const credits = known.creditsOf(id).filter((credit) => credit.id === partnerId);
  const contract = known.contractAt(partnerId, occurredAt);
  if (credits.length === 0 || contract === null) return null;
  const { terms } = contract;
  const rate =
    terms.currency === currency ? null : known.rates.get(`${currency} ${terms.currency} ${occurredAt.slice(0, 10)}`);
  // Without a rate of its day it waits for one.
  if (rate === undefined) return null;
  const parentAt = parentExternalId === null ? undefined : known.byExternalId.get(parentExternalId)?.occurredAt;
  return {
    externalId,
    credits: credits.map(({ channel, shareE12, minor }) => ({ channel, shareE12, minor })),
    conversion: {
      ...{ type: conversion.type, product: null, vertical: null, country: null, occurredAt },
      newCustomer: conversion.newCustomer === true,
      reported: { minor: valueMinor, currency },
      monthsSinceParent: parentAt === undefined ? 0 : wholeMonthsBetween(parentAt, occurredAt),
    },
    isReturned: known.remainingOf(conversion) === 0 && valueMinor > 0,
    terms,
    rate,
  };
}

/** A confirmed hold leaves no money of its order; what a later fact earns again is held again. */
async function checkConfirmedHolds(world: World, posted: ReadonlyMap<string, Posted>): Promise<void> {
  for (const { partnerId, conversionId } of world.confirmed) {
    const { minor = 0, goodwill = 0 } = posted.get(`${partnerId} ${conversionId}`) ?? {};
    if (minor + goodwill <= 0) continue;
    const holds = await world.rows(
      `select from hold where program_id = $1 and partner_id = $2 and (conversion_id is null or conversion_id = $3) and ended_at is null`,
      partnerId,
      conversionId,
    );
    if (holds.length === 0)
      throw new BrokenInvariant(
        'a confirmed hold leaves nothing that is not held',
        `${partnerId} ${conversionId}: ${minor}, goodwill ${goodwill}`,
      );
  }
}
