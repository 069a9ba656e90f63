import { randomUUID } from 'node:crypto';
import { isPlaceholder } from '../../domain/attribution/identity.ts';
import { compareInstants } from '../../domain/time/instant.ts';
import { joinClicks, joinIntake } from '../locks.ts';
import type { Pool } from '../pool.ts';
import { inTransaction } from '../transaction.ts';
import { digestOf } from './item.ts';
import { addMerges } from './merge.ts';
import { Origins } from './origin.ts';
import { storeTouchpoints } from './touchpoints.ts';
import type { IntakeResult } from './result.ts';
import { takeWaitingClicks } from './waiting-click.ts';
import { findWithdrawnClicks, withdrawClickers } from './waiting-withdrawal.ts';
import { valueOfNobody } from './withdrawal.ts';
import { queueIntakeWork } from './work.ts';

export interface RedirectClick {
  /** Made before the click is stored, so that storing it twice stores it once. */
  touchpointId: string;
  /** Ties a later conversion to the click. */
  clickId: string;
  /** When the link was followed, on the clock of the API; never later than it is received. */
  at: string;
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

/**
 * Stores the touchpoints of followed links, at most 1,000, in one transaction; those that are stored already stay as they are.
 * Whoever named one of these clicks before it was stored is merged with its visitor now; where they took the consent back meanwhile, it is
 * taken back for the visitor.
 * @throws Refusal `unknown-link`; then none is stored
 */
export async function recordRedirects(pool: Pool, programId: string, clicks: readonly RedirectClick[]): Promise<void> {
  await inTransaction(pool, programId, async (tx) => {
    await joinClicks(tx);
    const receivedAt = await joinIntake(tx);
    const claims = clicks.map(({ code, subId = null, at }) => ({
      partnerId: null,
      linkCode: code,
      couponCode: null,
      channel: null,
      subId,
      occurredAt: compareInstants(at, receivedAt) < 0 ? at : receivedAt,
    }));
    const origins = await Origins.load(tx, claims);
    const withdrawn = await findWithdrawnClicks(
      tx,
      clicks.filter(({ consent }) => consent),
    );
    const items = clicks.map(({ touchpointId: id, clickId, consent, visitorId, bot }, index) => {
      const claim = claims[index]!;
      // A journal may hold what no browser should have sent: whoever that was is somebody of their own.
      const known = isPlaceholder(visitorId) ? randomUUID() : visitorId;
      const value = withdrawn.has(clickId) ? valueOfNobody() : known;
      const person = consent ? [{ kind: 'visitor' as const, value }] : [];
      const rest = { kind: 'click' as const, consent, bot, properties: null, origin: origins.resolve(claim) };
      return { index, item: { ...claim, id, digest: digestOf({ touchpointId: id }), person, ...rest } };
    });
    const results: IntakeResult[] = [];
    const identities = await storeTouchpoints(tx, items, receivedAt, results, { areNew: true });
    const accepted = clicks.flatMap((click, index) => {
      if (results[index]?.status !== 'accepted') return [];
      const [person] = items[index]!.item.person;
      return [{ ...click, at: claims[index]!.occurredAt, identityId: person ? identities.of(person) : null }];
    });
    await tx.query(
      `insert into click (program_id, id, touchpoint_id, identity_id, at)
       select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) as c (id, touchpoint_id, identity_id, at) order by id`,
      [
        tx.programId,
        accepted.map(({ clickId }) => clickId),
        accepted.map(({ touchpointId }) => touchpointId),
        accepted.map(({ identityId }) => identityId),
        accepted.map(({ at }) => at),
      ],
    );
    const merges = await withdrawClickers(tx, await takeWaitingClicks(tx, accepted), receivedAt);
    const { grown } = await addMerges(tx, merges, receivedAt);
    await queueIntakeWork(
      tx,
      grown.map((identityId) => ({ kind: 'merge' as const, identityId })),
      receivedAt,
    );
  });
}
