import { DomainError } from '../../domain/errors.ts';
import { isId } from '../../domain/id.ts';
import { idFromSuffix } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { findPartnerView, findSamePartner } from '../../db/queries/partner-read.ts';
import { programExists } from '../../db/queries/program-foundation.ts';
import { inTransaction, listProgramIds } from '../../db/transaction.ts';
import { createPartner } from '../../workflows/messages.ts';
import { commandAs } from '../command.ts';
import { application, applied } from '../contracts/partner.ts';
import { created, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const APPLICATION_ROUTES = [
  route({
    id: 'applications.create',
    method: 'post',
    path: '/v1/applications',
    tag: 'Partners',
    summary: 'A partner applies by itself, with its answers',
    roles: 'public',
    idempotent: true,
    rateLimited: true,
    body: application,
    answer: { status: 201, schema: applied },
    programOf: (deps, body: { programId?: string }) => programOf(deps.pool, body.programId),
    handle: async (call) => {
      const { pool } = call.deps;
      const { programId: asked, ...data } = call.body;
      const programId = await programOf(pool, asked);
      const partnerId = idFromSuffix('partner', call.seed);
      const same = await inTransaction(pool, programId, (tx) => findSamePartner(tx, data));
      if (same && same.id !== partnerId) {
        throw new DomainError('duplicate', 'This e-mail address has applied before; see the mails that came to it.', {
          errors: [{ path: 'email', message: 'This address has applied before.' }],
        });
      }
      await commandAs(
        call,
        programId,
        { kind: 'partner', id: partnerId },
        {
          update: createPartner,
          workflowId: `partner/${partnerId}`,
          payload: { entry: 'application' },
          input: { kind: 'partner.create', subjectId: partnerId, data },
          start: { type: 'partnerLifecycle', queue: 'journeys', args: { programId, partnerId } },
        },
      );
      const view = await inTransaction(pool, programId, (tx) => findPartnerView(tx, partnerId));
      return created({ id: partnerId, status: view?.status });
    },
  }),
];

/** The program that is applied to: the one that is named, or the only one. @throws DomainError `invalid` */
async function programOf(pool: Pool, asked: string | undefined): Promise<string> {
  if (asked === undefined) {
    const [only, ...others] = await listProgramIds(pool);
    if (only !== undefined && others.length === 0) return only;
  } else if (isId('program', asked) && (await inTransaction(pool, asked, programExists))) return asked;
  throw refusedFields([{ path: 'programId', message: 'Give the id of the program that you apply to.' }]);
}
