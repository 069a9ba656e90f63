import { idFromSuffix } from '../../db/ids.ts';
import { findApiKey, listApiKeys, mintApiKey, revokeApiKey } from '../../db/queries/api-key.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { readPartnerName } from '../../db/queries/partner-read.ts';
import { readRoles } from '../../db/queries/person-roles.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Tx } from '../../db/transaction.ts';
import { caller, writing } from '../caller.ts';
import { apiKey, mintedApiKey, newApiKey } from '../contracts/program.ts';
import { pageOf } from '../contracts/answer.ts';
import { assertMayGrant } from '../grant.ts';
import { listById } from '../list.ts';
import { pageQuery } from '../page.ts';
import { actorId, actorOf, rolesOf } from '../principal.ts';
import { MANAGERS } from '../roles.ts';
import type { Role } from '../../domain/task/kinds.ts';
import { created, ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

const KEEPERS: readonly Role[] = [...MANAGERS, 'developer'];

export const API_KEY_ROUTES = [
  route({
    id: 'api-keys.list',
    method: 'get',
    path: '/v1/api-keys',
    tag: 'Program',
    summary: 'API keys without their secrets',
    roles: [...KEEPERS, 'auditor'],
    query: pageQuery,
    answer: { status: 200, schema: pageOf(apiKey) },
    handle: (call) => listById(call, (tx, page) => listApiKeys(tx, page)),
  }),
  route({
    id: 'api-keys.create',
    method: 'post',
    path: '/v1/api-keys',
    tag: 'Program',
    summary: 'Makes an API key; its secret is shown once',
    roles: KEEPERS,
    body: newApiKey,
    showOnce: ['apiKey'],
    answer: { status: 201, schema: mintedApiKey },
    handle: (call) =>
      writing(call, async (tx) => {
        const { body } = call;
        assertMayGrant(rolesOf(caller(call)), body.role);
        await assertHolder(
          tx,
          body,
          caller(call).kind === 'person' ? actorId(caller(call)) : null,
          rolesOf(caller(call)),
        );
        const id = idFromSuffix('apiKey', call.seed);
        const minted = await mintApiKey(tx, { ...body, id, createdBy: actorId(caller(call)) });
        await recordEvent(tx, {
          kind: 'api-key.made',
          actor: actorOf(caller(call)),
          subject: { type: 'api-key', id },
          partnerId: body.partnerId ?? null,
          data: { role: body.role, personId: body.personId ?? null },
          at: new Date().toISOString(),
        });
        return created({ ...(await findApiKey(tx, id)), apiKey: minted.apiKey });
      }),
  }),
  route({
    id: 'api-keys.revoke',
    method: 'delete',
    path: '/v1/api-keys/{id}',
    tag: 'Program',
    summary: 'Ends an API key at once',
    roles: KEEPERS,
    subject: { kind: 'API key', param: 'id' },
    answer: { status: 200, schema: apiKey },
    handle: (call) =>
      writing(call, async (tx) => {
        const revoked = (await revokeApiKey(tx, call.params.id))!;
        assertMayGrant(rolesOf(caller(call)), revoked.role);
        await recordEvent(tx, {
          kind: 'api-key.revoked',
          actor: actorOf(caller(call)),
          subject: { type: 'api-key', id: revoked.id },
          at: new Date().toISOString(),
        });
        return ok(revoked);
      }),
  }),
];

/** A key acts for one person, one partner, or, as a developer's key, for nobody. */
async function assertHolder(
  tx: Tx,
  { role, personId, partnerId }: { role: string; personId?: string; partnerId?: string },
  ownId: string | null,
  roles: readonly Role[],
): Promise<void> {
  if (role === 'partner') {
    if (personId !== undefined)
      throw fault('personId', 'A key with the role partner belongs to a partner; leave it out.');
    if (partnerId === undefined) throw fault('partnerId', 'A key with the role partner needs its partner.');
    if (!(await readPartnerName(tx, partnerId))) throw fault('partnerId', `There is no partner ${partnerId}.`);
    return;
  }
  if (partnerId !== undefined) throw fault('partnerId', 'Only a key with the role partner names a partner.');
  if (personId === undefined) {
    if (role !== 'developer') throw fault('personId', 'Name the person; only a developer key acts for nobody.');
    return;
  }
  const person = await readRoles(tx, personId);
  if (!person) throw fault('personId', `There is no person ${personId}.`);
  if (!(person.roles as string[]).includes(role)) throw fault('role', `That person does not have the role ${role}.`);
  if (personId !== ownId && !roles.includes('owner')) {
    throw new DomainError('forbidden', 'A key of another person is made by an owner.');
  }
}

function fault(path: string, message: string) {
  return refusedFields([{ path, message }]);
}
