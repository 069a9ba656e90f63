import { DomainError } from '../../domain/errors.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { recordEvent } from '../../db/queries/event.ts';
import type { EventKind } from '../../domain/event/catalogue.ts';
import {
  findPerson,
  insertPerson,
  listPeople,
  replaceConflicts,
  replaceRoles,
  updatePerson,
} from '../../db/queries/person.ts';
import type { Person } from '../../db/queries/person.ts';
import { brokenConstraint } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { caller, reading, writing } from '../caller.ts';
import { newPerson, person, personChanges } from '../contracts/program.ts';
import { pageOf } from '../contracts/answer.ts';
import { assertMayGrant } from '../grant.ts';
import { listById } from '../list.ts';
import { pageQuery } from '../page.ts';
import { actorId, actorOf, rolesOf } from '../principal.ts';
import { OWNER, READERS } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const PEOPLE_ROUTES = [
  route({
    id: 'people.list',
    method: 'get',
    path: '/v1/people',
    tag: 'Program',
    summary: 'People of the team',
    roles: READERS,
    query: pageQuery,
    answer: { status: 200, schema: pageOf(person) },
    handle: (call) => listById(call, (tx, page) => listPeople(tx, page), show),
  }),
  route({
    id: 'people.create',
    method: 'post',
    path: '/v1/people',
    tag: 'Program',
    summary: 'Adds a person with a role',
    roles: OWNER,
    body: newPerson,
    answer: { status: 201, schema: person },
    handle: (call) =>
      writing(call, async (tx) => {
        assertMayGrant(rolesOf(caller(call)), call.body.role);
        const id = idFromSuffix('person', call.seed);
        await add(tx, { ...call.body, id, grantedBy: actorId(caller(call)) });
        await note(tx, call, id, 'person.added', { role: call.body.role });
        return created(show((await findPerson(tx, id))!));
      }),
  }),
  route({
    id: 'people.get',
    method: 'get',
    path: '/v1/people/{id}',
    tag: 'Program',
    summary: 'One person',
    roles: READERS,
    subject: { kind: 'person', param: 'id' },
    answer: { status: 200, schema: person },
    handle: (call) => reading(call, async (tx) => ok(show((await findPerson(tx, call.params.id))!))),
  }),
  route({
    id: 'people.change',
    method: 'patch',
    path: '/v1/people/{id}',
    tag: 'Program',
    summary: 'Changes roles, markets, languages or links to partners',
    roles: OWNER,
    subject: { kind: 'person', param: 'id' },
    body: personChanges,
    answer: { status: 200, schema: person },
    handle: (call) =>
      writing(call, async (tx) => {
        const { id } = call.params;
        const { roles, markets, conflicts, ...rest } = call.body;
        const before = (await findPerson(tx, id))!;
        for (const role of roles ?? []) assertMayGrant(rolesOf(caller(call)), role);
        if (before.roles.includes('owner') && ((roles && !roles.includes('owner')) || rest.disabled)) {
          await assertAnotherOwner(tx, id);
        }
        await updatePerson(tx, id, rest);
        if (roles ?? markets) {
          await replaceRoles(tx, id, roles ?? before.roles, markets ?? before.markets, actorId(caller(call)));
        }
        if (conflicts) await replaceConflicts(tx, id, conflicts);
        await note(tx, call, id, 'person.changed', { fields: Object.keys(call.body) });
        return ok(show((await findPerson(tx, id))!));
      }),
  }),
];

function show({ disabledAt, ...one }: Person) {
  return { ...one, role: one.roles[0] ?? null, disabledAt };
}

async function add(tx: Tx, one: Parameters<typeof insertPerson>[1]): Promise<void> {
  // A repeat after a crash finds what it made before.
  if (await findPerson(tx, one.id)) return;
  try {
    await insertPerson(tx, one);
  } catch (error) {
    if (brokenConstraint(error) !== 'app_user_email_is_unique') throw error;
    throw new DomainError('duplicate', 'A person with this e-mail address is there already.', {
      errors: [{ path: 'email', message: 'Choose another address, or change that person.' }],
    });
  }
}

async function assertAnotherOwner(tx: Tx, id: string): Promise<void> {
  const others = await listPeople(tx);
  if (others.some((one) => one.id !== id && one.roles.includes('owner') && one.disabledAt === null)) return;
  throw refusedFields([{ path: 'roles', message: 'The program needs an owner; make another one first.' }]);
}

async function note(
  tx: Tx,
  call: Call<unknown, unknown, unknown>,
  id: string,
  kind: EventKind,
  data: Record<string, unknown>,
): Promise<void> {
  const at = new Date().toISOString();
  await recordEvent(tx, { kind, actor: actorOf(caller(call)), subject: { type: 'person', id }, data, at });
}
