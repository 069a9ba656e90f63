import { withdrawConsent } from '../../db/intake/withdrawal.ts';
import { caller, writing } from '../caller.ts';
import { withdrawal, withdrawn } from '../contracts/consent.ts';
import { nudgeFeed } from '../nudge.ts';
import { actorId, actorOf } from '../principal.ts';
import { ok, route } from '../route.ts';

export const CONSENT_ROUTES = [
  route({
    id: 'consents.withdraw',
    method: 'post',
    path: '/v1/consents/withdraw',
    tag: 'Tracking',
    summary: 'Takes a person out of every journey that is not settled; what names them is replaced',
    roles: ['owner', 'developer'],
    body: withdrawal,
    answer: { status: 200, schema: withdrawn },
    handle: async (call) => {
      const principal = caller(call);
      const by = { id: actorId(principal), actor: actorOf(principal) };
      // Clicks that were answered a moment ago belong to the person too.
      await call.deps.clicks.flushWithin(MOST_CLICK_WAIT_MS);
      const taken = await writing(call, (tx) => withdrawConsent(tx, call.body.identity, by));
      if (taken.identities > 0) nudgeFeed(call.deps, principal.programId);
      return ok(taken);
    },
  }),
];

const MOST_CLICK_WAIT_MS = 2_000;
