import { DomainError } from '../../domain/errors.ts';
import { assertNotFarAhead } from '../../domain/time/far-ahead.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { insertProfile, updatePartner } from '../../db/queries/partner-change.ts';
import { readRoles } from '../../db/queries/person-roles.ts';
import { brokenConstraint } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { changeStatus } from '../../workflows/messages.ts';
import type { StatusEvent } from '../../workflows/messages.ts';
import { caller, ownPartner, reading, writing } from '../caller.ts';
import { toWorkflowOfPartner } from '../partner-command.ts';
import { partnerChanges, partnerDetail, statusChange } from '../contracts/partner.ts';
import { actorOf } from '../principal.ts';
import { MANAGERS } from '../roles.ts';
import type { Role } from '../../domain/task/kinds.ts';
import { ok, route } from '../route.ts';
import type { Call } from '../route.ts';
import { refusedFields } from '../validate.ts';
import { showPartner } from './partners.ts';

/** What a partner may change of itself. */
const OWN_FIELDS = ['name', 'language', 'timeZone', 'channels', 'verticals', 'effectiveFrom'];

const STATUS_EVENTS: { event: StatusEvent; summary: string; roles: readonly Role[] }[] = [
  { event: 'pause', summary: 'Stops new content and payouts; credits go on', roles: MANAGERS },
  { event: 'resume', summary: 'Lets content and payouts go on', roles: MANAGERS },
  { event: 'end', summary: 'Ends the partnership with a final settlement', roles: MANAGERS },
  { event: 'reopen', summary: 'Opens an expired partner again', roles: MANAGERS },
  { event: 'reapply', summary: 'Starts a new round of a declined or ended partner', roles: [...MANAGERS, 'partner'] },
  { event: 'withdraw', summary: 'The partner steps back before it is active', roles: [...MANAGERS, 'partner'] },
];

export const PARTNER_CHANGE_ROUTES = [
  route({
    id: 'partners.change',
    method: 'patch',
    path: '/v1/partners/{id}',
    tag: 'Partners',
    summary: 'Changes a partner; type, language, zone and currency hold from a date on',
    roles: [...MANAGERS, 'partner'],
    subject: { kind: 'partner', param: 'id' },
    body: partnerChanges,
    answer: { status: 200, schema: partnerDetail },
    handle: (call) =>
      writing(call, async (tx) => {
        const { id } = call.params;
        await assertChangeable(tx, call);
        const { type, language, timeZone, currency, effectiveFrom, ...master } = call.body;
        const at = new Date().toISOString();
        // Before the partner's row, as locks go: it joins the intake barrier.
        if (type ?? language ?? timeZone ?? currency) {
          await insertProfile(tx, id, { type, language, timeZone, currency }, effectiveFrom);
        }
        try {
          await updatePartner(tx, id, master);
        } catch (error) {
          if (brokenConstraint(error) !== 'partner_email_is_unique') throw error;
          throw new DomainError('duplicate', 'Another partner has this e-mail address.', {
            errors: [{ path: 'email', message: 'Choose another address.' }],
          });
        }
        await recordEvent(tx, {
          kind: 'partner.changed',
          actor: actorOf(caller(call)),
          subject: { type: 'partner', id },
          partnerId: id,
          data: { fields: Object.keys(call.body) },
          at,
        });
        return ok(await showPartner(tx, id));
      }),
  }),
  ...STATUS_EVENTS.map(({ event, summary, roles }) =>
    route({
      id: `partners.${event}`,
      method: 'post',
      path: `/v1/partners/{id}/${event}`,
      tag: 'Partners',
      summary,
      roles,
      subject: { kind: 'partner', param: 'id' },
      body: statusChange,
      answer: { status: 200, schema: partnerDetail },
      handle: async (call) => {
        const { id } = call.params;
        await toWorkflowOfPartner(call, id, {
          update: changeStatus,
          payload: { event },
          input: { kind: `partner.${event}`, subjectId: id, data: { reason: call.body.reason } },
        });
        return ok(await reading(call, (tx) => showPartner(tx, id)));
      },
    }),
  ),
];

async function assertChangeable(
  tx: Tx,
  call: Call<unknown, unknown, { ownerId?: string | null; effectiveFrom?: string }>,
): Promise<void> {
  const foreign = Object.keys(call.body).filter((field) => !OWN_FIELDS.includes(field));
  if (ownPartner(call) !== undefined && foreign.length > 0) {
    throw refusedFields(foreign.map((path) => ({ path, message: 'Only the team changes this; ask your contact.' })));
  }
  const { ownerId, effectiveFrom } = call.body;
  if (effectiveFrom !== undefined) assertNotFarAhead(effectiveFrom, new Date().toISOString(), 'effectiveFrom');
  if (ownerId && !(await readRoles(tx, ownerId))) {
    throw refusedFields([{ path: 'ownerId', message: `There is no active person ${ownerId}.` }]);
  }
}
