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

/**
 * Stores the touchpoint of a followed link, with a new click id that ties a later conversion to it. It happened when it was received.
 * @throws Refusal `unknown-link`
 */
export async function recordRedirect(
  pool: Pool,
  programId: string,
  click: RedirectClick,
): Promise<{ clickId: string; touchpointId: string }> {
  return inTransaction(pool, programId, async (tx) => {
    const receivedAt = await joinIntake(tx);
    const claim = {
      partnerId: null,
      linkCode: click.code,
      couponCode: null,
      channel: null,
      subId: click.subId ?? null,
      occurredAt: receivedAt,
    };
    const origins = await Origins.load(tx, [claim]);
    const origin = origins.resolve(claim);
    const touchpointId = newId('touchpoint');
    const clickId = randomBytes(16).toString('base64url');
    const results: IntakeResult[] = [];
    await storeTouchpoints(
      tx,
      [
        {
          index: 0,
          item: {
            ...claim,
            id: touchpointId,
            digest: digestOf({ touchpointId }),
            person: click.consent ? [{ kind: 'visitor', value: click.visitorId }] : [],
            kind: 'click',
            consent: click.consent,
            bot: click.bot,
            properties: null,
            origin,
          },
        },
      ],
      receivedAt,
      results,
    );
    await tx.query(
      `insert into click (program_id, id, touchpoint_id, identity_id, at)
       select $1, $2, $3, identity_id, $4 from touchpoint where program_id = $1 and id = $3 and occurred_at = $4`,
      [tx.programId, clickId, touchpointId, receivedAt],
    );
    return { clickId, touchpointId };
  });
}
