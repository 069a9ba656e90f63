import type { z } from 'zod';
import type { Actor } from '../../domain/actor.ts';
import { intakeConversions } from '../../db/intake/conversions.ts';
import { intakeIdentities } from '../../db/intake/identities.ts';
import { intakeRefunds } from '../../db/intake/refunds.ts';
import type { IntakeResult } from '../../db/intake/result.ts';
import { intakeTouchpoints } from '../../db/intake/touchpoints.ts';
import type { Pool } from '../../db/pool.ts';
import { caller } from '../caller.ts';
import {
  conversionIntake,
  identityIntake,
  intakeResults,
  refundIntake,
  touchpointIntake,
} from '../contracts/tracking.ts';
import { nudgeFeed } from '../nudge.ts';
import { actorOf } from '../principal.ts';
import { SENDERS } from '../roles.ts';
import { accepted, route } from '../route.ts';

/** A thousand items with properties of 8 KiB each. */
const INTAKE_LIMIT_BYTES = 12_000_000;

/** A conversion is taken in all the same when the clicks before it take longer; its visitor still links it. */
const MOST_CLICK_WAIT_MS = 2_000;

type Take = (
  pool: Pool,
  programId: string,
  items: readonly unknown[],
  options: { actor: Actor },
) => Promise<IntakeResult[]>;

const INTAKES: { noun: string; summary: string; body: z.ZodType<{ items: unknown[] }>; take: Take }[] = [
  { noun: 'touchpoints', summary: 'Takes in touchpoints', body: touchpointIntake, take: intakeTouchpoints },
  { noun: 'conversions', summary: 'Takes in conversions', body: conversionIntake, take: intakeConversions },
  { noun: 'refunds', summary: 'Takes in refunds', body: refundIntake, take: intakeRefunds },
  {
    noun: 'identities',
    summary: 'Takes in which visitor is which customer',
    body: identityIntake,
    take: intakeIdentities,
  },
];

/** The four intakes: never wait for Temporal; each item has its own result, and its own id makes it safe to repeat. */
export const INTAKE_ROUTES = INTAKES.map(({ noun, summary, body, take }) =>
  route({
    id: `${noun}.intake`,
    method: 'post',
    path: `/v1/${noun}`,
    tag: 'Tracking',
    summary: `${summary}, 1,000 at most`,
    roles: SENDERS,
    idempotent: false,
    body,
    bodyLimit: INTAKE_LIMIT_BYTES,
    judgesItems: true,
    answer: { status: 202, schema: intakeResults },
    handle: async (call) => {
      const principal = caller(call);
      // A conversion may name a click that was answered a moment ago.
      if (noun === 'conversions' && call.deps.clicks.waiting > 0)
        await call.deps.clicks.flushWithin(MOST_CLICK_WAIT_MS);
      const results = await take(call.deps.pool, principal.programId, call.body.items, { actor: actorOf(principal) });
      if (results.some(({ status }) => status === 'accepted')) nudgeFeed(call.deps, principal.programId);
      return accepted({ results });
    },
  }),
);
