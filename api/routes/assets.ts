import { idFromSuffix } from '../../db/ids.ts';
import { insertAsset, insertAssetVersion, listAssets } from '../../db/queries/asset.ts';
import { recordEvent } from '../../db/queries/event.ts';
import type { EventKind } from '../../domain/event/catalogue.ts';
import type { Tx } from '../../db/transaction.ts';
import { caller, reading, writing } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { asset, newAsset, newAssetVersion } from '../contracts/content.ts';
import { listById } from '../list.ts';
import { pageQuery } from '../page.ts';
import { actorOf } from '../principal.ts';
import { MANAGERS, READERS_AND_PARTNER } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';

export const ASSET_ROUTES = [
  route({
    id: 'assets.list',
    method: 'get',
    path: '/v1/assets',
    tag: 'Content',
    summary: 'Creative material with its versions',
    roles: READERS_AND_PARTNER,
    query: pageQuery,
    answer: { status: 200, schema: pageOf(asset) },
    handle: (call) => listById(call, (tx, page) => listAssets(tx, page)),
  }),
  route({
    id: 'assets.get',
    method: 'get',
    path: '/v1/assets/{id}',
    tag: 'Content',
    summary: 'One asset with its versions',
    roles: READERS_AND_PARTNER,
    subject: { kind: 'asset', param: 'id' },
    answer: { status: 200, schema: asset },
    handle: (call) => reading(call, async (tx) => ok((await listAssets(tx, { id: call.params.id, limit: 1 }))[0])),
  }),
  route({
    id: 'assets.create',
    method: 'post',
    path: '/v1/assets',
    tag: 'Content',
    summary: 'Adds an asset with its first version',
    roles: MANAGERS,
    body: newAsset,
    answer: { status: 201, schema: asset },
    handle: (call) =>
      writing(call, async (tx) => {
        const id = idFromSuffix('asset', call.seed);
        await insertAsset(tx, { ...call.body, id });
        await note(tx, call, 'asset.added', id, { version: 1 });
        return created((await listAssets(tx, { id, limit: 1 }))[0]);
      }),
  }),
  route({
    id: 'assets.add-version',
    method: 'post',
    path: '/v1/assets/{id}/versions',
    tag: 'Content',
    summary: 'Adds the next version of an asset',
    roles: MANAGERS,
    subject: { kind: 'asset', param: 'id' },
    body: newAssetVersion,
    answer: { status: 201, schema: asset },
    handle: (call) =>
      writing(call, async (tx) => {
        const { id } = call.params;
        const version = await insertAssetVersion(tx, id, call.body);
        await note(tx, call, 'asset.added', id, { version });
        return created((await listAssets(tx, { id, limit: 1 }))[0]);
      }),
  }),
];

async function note(
  tx: Tx,
  call: Call<unknown, unknown, unknown>,
  kind: EventKind,
  id: string,
  data: { version: number },
) {
  const at = new Date().toISOString();
  await recordEvent(tx, { kind, actor: actorOf(caller(call)), subject: { type: 'asset', id }, data, at });
}
