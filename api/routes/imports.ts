import { DomainError } from '../../domain/errors.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { listErrors } from '../../db/import/error.ts';
import { cancelImport } from '../../db/import/cancel.ts';
import { getImport, listImports } from '../../db/import/import.ts';
import type { Import } from '../../db/import/import.ts';
import type { ImportFormat } from '../../db/import/kind.ts';
import { assertSameUpload, uploadImport } from '../../db/import/upload.ts';
import { Refusal } from '../../db/intake/result.ts';
import { caller, hasRole, reading, writing } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import {
  acceptedImport,
  cancelledImport,
  importErrorsQuery,
  importListQuery,
  importQuery,
  importState,
  listedImport,
} from '../contracts/import.ts';
import { newPartner } from '../contracts/partner.ts';
import { faultsText, readBy } from '../validate.ts';
import { noBody } from '../contracts/program.ts';
import { longBody } from '../long-body.ts';
import { afterCursor, refusedCursor, toPage } from '../page.ts';
import { actorOf } from '../principal.ts';
import { CONNECTORS, MANAGERS, READERS, SENDERS } from '../roles.ts';
import { accepted, ok, route } from '../route.ts';
import type { Call } from '../route.ts';
import { startImport } from '../start-import.ts';

const FORMATS: Record<string, ImportFormat> = { 'text/csv': 'csv', 'application/x-ndjson': 'ndjson' };

/** Whoever may import something; of which kind, `assertMayImport` says. */
const IMPORTERS = CONNECTORS;
const IMPORT_READERS = [...READERS, 'developer'] as const;

export const IMPORT_ROUTES = [
  route({
    id: 'imports.create',
    method: 'post',
    path: '/v1/imports',
    tag: 'Tracking',
    summary: 'Takes in a file, `text/csv` or `application/x-ndjson`, of any length',
    roles: IMPORTERS,
    query: importQuery,
    rawBody: true,
    answer: { status: 202, schema: acceptedImport },
    assertSameBody: async ({ pool }, programId, kept, request) => {
      const id = 'body' in kept ? (kept.body as { id: string }).id : null;
      if (id !== null) await assertSameUpload(pool, programId, id, longBody(request));
    },
    handle: async (call) => {
      const { kind } = call.query;
      const { programId } = caller(call);
      assertMayImport(call, kind);
      const format = formatOf(call);
      const id = idFromSuffix('import', call.seed);
      const check = kind === 'partners' ? { check: checkPartner } : {};
      const by = actorOf(caller(call));
      const body = longBody(call.request, { onGoing: call.renew, everyMs: call.leaseMs / 3 });
      await uploadImport(call.deps.pool, programId, { id, kind, format, by, ...check }, body);
      await call.renew();
      // One that was stored and not started is started by the repeated request.
      await startImport(call.deps, programId, id);
      return accepted({ id });
    },
  }),
  route({
    id: 'imports.list',
    method: 'get',
    path: '/v1/imports',
    tag: 'Tracking',
    summary: 'Imports, newest first; those under way by `state=running`',
    roles: IMPORT_READERS,
    query: importListQuery,
    answer: { status: 200, schema: pageOf(listedImport) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, state } = call.query;
        const rows = await listImports(tx, { state, before: afterCursor({ limit, cursor }), limit: limit + 1 });
        return ok(toPage(rows, limit, ({ id }) => id, shownImport));
      }),
  }),
  route({
    id: 'imports.get',
    method: 'get',
    path: '/v1/imports/{id}',
    tag: 'Tracking',
    summary: 'How far an import is, and the lines that were refused',
    roles: IMPORT_READERS,
    subject: { kind: 'import', param: 'id' },
    query: importErrorsQuery,
    answer: { status: 200, schema: importState },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit } = call.query;
        const found = await getImport(tx, call.params.id);
        const rows = await listErrors(tx, found.id, { afterLine: afterLine(call.query), limit: limit + 1 });
        const page = toPage(
          rows,
          limit,
          ({ line }) => String(line),
          (row) => row,
        );
        return ok({ ...shownImport(found), errors: page.items, nextCursor: page.nextCursor });
      }),
  }),
  route({
    id: 'imports.cancel',
    method: 'post',
    path: '/v1/imports/{id}/cancel',
    tag: 'Tracking',
    summary: 'Ends an import between two chunks; what was taken stays, and the answer says how much that is',
    roles: IMPORTERS,
    subject: { kind: 'import', param: 'id' },
    body: noBody,
    answer: { status: 200, schema: cancelledImport },
    handle: (call) =>
      writing(call, async (tx) => {
        const { id } = call.params;
        assertMayImport(call, (await getImport(tx, id)).kind);
        return ok(shownImport(await cancelImport(tx, id, actorOf(caller(call)))));
      }),
  }),
];

function shownImport(found: Import) {
  const { id, kind, state, read, total, accepted: taken, duplicate, rejected, failure, createdAt } = found;
  const counts = { read, accepted: taken, duplicate, rejected };
  return { id, kind, state, progress: { done: read, total }, ...counts, failure, createdAt };
}

function formatOf({ request }: Pick<Call, 'request'>): ImportFormat {
  const mediaType = request.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const format = Object.hasOwn(FORMATS, mediaType) ? FORMATS[mediaType] : undefined;
  if (!format) throw new DomainError('malformed', 'Send `Content-Type: text/csv` or `application/x-ndjson`.');
  // US-ASCII is written in UTF-8 as it is.
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(request.get('content-type') ?? '')?.[1] ?? 'utf-8';
  if (!/^(utf-?8|us-ascii)$/i.test(charset))
    throw new DomainError('malformed', `Send the file in UTF-8; its Content-Type says charset=${charset}.`);
  if (request.get('content-encoding')) throw new DomainError('malformed', 'Send the file as it is, not compressed.');
  return format;
}

function afterLine(query: { limit: number; cursor?: string | undefined }): number {
  const cursor = afterCursor(query) ?? '0';
  if (!/^\d{1,10}$/.test(cursor) || Number(cursor) > 2_147_483_647) throw refusedCursor();
  return Number(cursor);
}

/** Partners are invited by managers, facts sent by senders; journeys earn nobody anything. @throws DomainError `forbidden` */
function assertMayImport(call: Call<unknown, unknown, unknown>, kind: string): void {
  if (kind === 'journeys') return;
  const roles = kind === 'partners' ? MANAGERS : SENDERS;
  if (!hasRole(call, ...roles)) throw new DomainError('forbidden', `Imports of ${kind} are for ${roles.join(' or ')}.`);
}

/** The rules of `POST /v1/partners`. @throws Refusal `invalid` naming every field that is wrong */
function checkPartner(value: unknown): unknown {
  const read = readBy(newPartner, value);
  if ('faults' in read) throw new Refusal('invalid', faultsText(read.faults));
  return read.data;
}
