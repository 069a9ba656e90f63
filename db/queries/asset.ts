import { instantText } from '../instant-text.ts';
import type { Tx } from '../transaction.ts';

export interface AssetVersion {
  /** `<asset id>/<version>`: what content names as the version that it used. */
  id: string;
  version: number;
  url: string;
  note: string | null;
  createdAt: string;
}

export interface Asset {
  id: string;
  name: string;
  kind: string;
  createdAt: string;
  versions: AssetVersion[];
}

const VIEW = `a.id, a.name, a.kind, a.created_at as "createdAt",
  coalesce((select json_agg(json_build_object('id', v.asset_id || '/' || v.version, 'version', v.version, 'url', v.url, 'note', v.note,
      'createdAt', ${instantText('v.created_at')}) order by v.version)
    from asset_version v where v.program_id = a.program_id and v.asset_id = a.id), '[]') as versions`;

/** Creative material with its versions, oldest first. */
export async function listAssets(tx: Tx, filter: { id?: string; afterId?: string; limit: number }): Promise<Asset[]> {
  const { rows } = await tx.query<Asset>(
    `select ${VIEW} from asset a
     where a.program_id = $1 and ($2::text is null or a.id = $2) and ($3::text is null or a.id > $3)
     order by a.id limit $4`,
    [tx.programId, filter.id ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows;
}

/** Adds an asset with its first version; the same id again changes nothing. */
export async function insertAsset(
  tx: Tx,
  asset: { id: string; name: string; kind: string; url: string; note?: string },
): Promise<void> {
  await tx.query(
    'insert into asset (program_id, id, name, kind) values ($1, $2, $3, $4) on conflict (program_id, id) do nothing',
    [tx.programId, asset.id, asset.name, asset.kind],
  );
  await tx.query(
    `insert into asset_version (program_id, asset_id, version, url, note) values ($1, $2, 1, $3, $4) on conflict do nothing`,
    [tx.programId, asset.id, asset.url, asset.note ?? null],
  );
}

/** Adds the next version of an asset; the caller holds the asset's row. @returns its number */
export async function insertAssetVersion(
  tx: Tx,
  assetId: string,
  { url, note }: { url: string; note?: string },
): Promise<number> {
  await tx.query('select 1 from asset where program_id = $1 and id = $2 for no key update', [tx.programId, assetId]);
  const { rows } = await tx.query<{ version: number }>(
    `insert into asset_version (program_id, asset_id, version, url, note)
     select $1, $2, coalesce(max(version), 0) + 1, $3, $4 from asset_version where program_id = $1 and asset_id = $2
     returning version`,
    [tx.programId, assetId, url, note ?? null],
  );
  return rows[0]!.version;
}

/** Which of these asset versions (`<asset id>/<version>`) do not exist. */
export async function unknownAssetVersions(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from unnest($2::text[]) as id
     where not exists (select from asset_version v where v.program_id = $1 and v.asset_id || '/' || v.version = id)`,
    [tx.programId, ids],
  );
  return rows.map(({ id }) => id);
}
