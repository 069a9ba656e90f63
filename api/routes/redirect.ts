import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { route } from '../route.ts';

/** For the description; `redirect/follow.ts` answers ahead of everything that a redirect does not need. */
export const REDIRECT_ROUTES = [
  route({
    id: 'links.follow',
    method: 'get',
    path: '/r/{code}',
    tag: 'Tracking',
    summary: 'Follows a tracking link: a touchpoint, and on to its destination with a click id',
    roles: 'public',
    query: z.looseObject({}),
    answer: {
      status: 302,
      description: "Goes on to the destination with `tdclid` (or the programme's own name for it) appended.",
    },
    handle: () => Promise.reject(new DomainError('not-found', 'This link leads nowhere. Check its address.')),
  }),
];
