import { randomBytes } from 'node:crypto';
import { newId } from '../ids.ts';
import { joinIntake } from '../locks.ts';
import type { Pool } from '../pool.ts';
import { inTransaction } from '../transaction.ts';
import { digestOf } from './item.ts';
import { Origins } from './origin.ts';
import { storeTouchpoints } from './touchpoints.ts';
import type { IntakeResult } from './result.ts';

export interface RedirectClick {
  /** Of the link that was followed. */
  code: string;
  /** From the first-party cookie; a new visitor gets a new one before this is called. */
  visitorId: string;
  /** Whether the visitor agreed to measurement. Without, the click names nobody and gets no click id of use. */
  consent: boolean;
  /** A known robot: the touchpoint is stored and marked. */
  bot: boolean;
  /** Sub-id from the query, instead of the link's own. */
  subId?: string | null;
}

export interface RecordedClick {
  clickId: string;
  touchpointId: string;
}

/**
 * Stores the touchpoint of a followed link, with a new click id that ties a later conversion to it. It happened when it was received.
 * @throws Refusal `unknown-link`
 */
export async function recordRedirect(pool: Pool, programId: string, click: RedirectClick): Promise<RecordedClick> {
  const [recorded] = await recordRedirects(pool, programId, [click]);
  return recorded!;
}

/**
 * The same for clicks that came at one time, in one transaction.
 * @returns one result per click, in order
 * @throws Refusal `unknown-link`; then none is stored
 */
export async function recordRedirects(
  pool: Pool,
  programId: string,
  clicks: readonly RedirectClick[],
): Promise<RecordedClick[]> {
  return inTransaction(pool, programId, async (tx) => {
    const receivedAt = await joinIntake(tx);
    const claims = clicks.map(({ code, subId = null }) => ({
      partnerId: null,
      linkCode: code,
      couponCode: null,
      channel: null,
      subId,
      occurredAt: receivedAt,
    }));
    const origins = await Origins.load(tx, claims);
    const recorded = clicks.map(() => ({
      clickId: randomBytes(16).toString('base64url'),
      touchpointId: newId('touchpoint'),
    }));
    const items = clicks.map(({ consent, visitorId, bot }, index) => {
      const claim = claims[index]!;
      const { touchpointId: id } = recorded[index]!;
      const person = consent ? [{ kind: 'visitor' as const, value: visitorId }] : [];
      const rest = { kind: 'click' as const, consent, bot, properties: null, origin: origins.resolve(claim) };
      return { index, item: { ...claim, id, digest: digestOf({ touchpointId: id }), person, ...rest } };
    });
    const results: IntakeResult[] = [];
    await storeTouchpoints(tx, items, receivedAt, results);
    await tx.query(
      `insert into click (program_id, id, touchpoint_id, identity_id, at)
       select $1, c.id, c.touchpoint_id, t.identity_id, $4
       from unnest($2::text[], $3::text[]) as c (id, touchpoint_id)
       join touchpoint t on t.program_id = $1 and t.id = c.touchpoint_id and t.occurred_at = $4
       order by c.id`,
      [
        tx.programId,
        recorded.map(({ clickId }) => clickId),
        recorded.map(({ touchpointId }) => touchpointId),
        receivedAt,
      ],
    );
    return recorded;
  });
}
