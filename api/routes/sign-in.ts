import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { endSession, openSession } from '../../db/queries/session.ts';
import { takeSignInLink } from '../../db/queries/sign-in-link.ts';
import { programOfSecret } from '../../db/secret.ts';
import { inTransaction } from '../../db/transaction.ts';
import { cookieValue, SESSION_COOKIE } from '../authenticate.ts';
import { writing } from '../caller.ts';
import { noBody } from '../contracts/program.ts';
import { EVERYBODY } from '../roles.ts';
import { ok, route } from '../route.ts';

const SESSION_HOURS = 12;

export const SIGN_IN_ROUTES = [
  route({
    id: 'session.open',
    method: 'get',
    path: '/sign-in',
    tag: 'Program',
    summary: 'Signs in by a link that works once, with a session cookie',
    roles: 'public',
    rateLimited: true,
    query: z.strictObject({
      token: z.string('Give the token of the link.').max(300),
      to: z.string().max(500).optional(),
    }),
    answer: { status: 302, description: 'Signed in; goes on to `to` or to the docs.' },
    handle: async ({ deps, query }) => {
      const programId = programOfSecret(query.token);
      const session = programId && (await signIn(programId));
      if (!session) throw new DomainError('unauthenticated', 'This link was used or is too old; ask for a new one.');
      const secure = deps.publicUrl.startsWith('https:') ? '; Secure' : '';
      const cookie = `${SESSION_COOKIE}=${session}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${SESSION_HOURS * 3_600}${secure}`;
      const headers = { 'Set-Cookie': cookie, Location: ownPath(query.to), 'Cache-Control': 'no-store' };
      return { status: 302, bytes: '', mediaType: 'text/plain', headers };

      function signIn(program: string) {
        return inTransaction(deps.pool, program, async (tx) => {
          const owner = await takeSignInLink(tx, query.token);
          const expiresAt = new Date(Date.now() + SESSION_HOURS * 3_600_000).toISOString();
          return owner && openSession(tx, owner, expiresAt);
        });
      }
    },
  }),
  route({
    id: 'session.end',
    method: 'post',
    path: '/v1/sign-out',
    tag: 'Program',
    summary: 'Ends the session of the cookie',
    roles: EVERYBODY,
    body: noBody,
    answer: { status: 200 },
    handle: async (call) => {
      const secret = cookieValue(call.request.headers, SESSION_COOKIE);
      if (secret !== undefined) await writing(call, (tx) => endSession(tx, secret));
      return { ...ok({}), headers: { 'Set-Cookie': `${SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0` } };
    },
  }),
];

/** Only a path of this site: a sign-in link must not lead elsewhere. */
function ownPath(to: string | undefined): string {
  return to !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) ? to : '/docs';
}
