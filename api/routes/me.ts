import { findPerson } from '../../db/queries/person.ts';
import { readPartnerName } from '../../db/queries/partner-read.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import { caller, reading } from '../caller.ts';
import { me } from '../contracts/program.ts';
import { rolesOf } from '../principal.ts';
import { EVERYBODY } from '../roles.ts';
import { ok, route } from '../route.ts';

export const ME_ROUTES = [
  route({
    id: 'me.get',
    method: 'get',
    path: '/v1/me',
    tag: 'Program',
    summary: 'Who the key or session is',
    roles: EVERYBODY,
    answer: { status: 200, schema: me },
    handle: (call) =>
      reading(call, async (tx) => {
        const principal = caller(call);
        const roles = rolesOf(principal);
        const person = principal.kind === 'person' ? await findPerson(tx, principal.personId) : undefined;
        const partner = principal.kind === 'partner' ? await readPartnerName(tx, principal.partnerId) : undefined;
        const { name } = await readProgramFrame(tx);
        return ok({
          kind: principal.kind,
          person: person ? { id: person.id, name: person.name, email: person.email } : null,
          partner: partner ?? null,
          role: roles[0],
          roles,
          conflicts: person?.conflicts ?? [],
          program: { id: principal.programId, name },
        });
      }),
  }),
];
