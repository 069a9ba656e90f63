import { siteKey } from '../site-key.ts';
import type { Tx } from '../transaction.ts';

/** What becomes of a conversion that a browser reports: it counts, it counts and its commission is held for a person, or it is refused. */
export type ConversionRule = 'accept' | 'hold' | 'refuse';

/** What a site's visitors' browsers may send. */
export interface SiteRules {
  /** Whose pages may send: scheme, host and port. */
  origins: string[];
  conversions: ConversionRule;
  /** Whether a browser may say which customer its visitor is. */
  identities: 'accept' | 'refuse';
}

/** A web site of the advertiser whose pages carry the snippet. */
export interface Site extends SiteRules {
  id: string;
  name: string;
  /** `pk_…`, public. */
  key: string;
  createdAt: string;
  disabledAt: string | null;
}

const COLUMNS = `id, name, origins, conversions, identities, created_at as "createdAt", disabled_at as "disabledAt"`;

const withKey = (tx: Tx, row: Omit<Site, 'key'>): Site => ({ ...row, key: siteKey(tx.programId, row.id) });

/** Adds a site; one that is there already stays as it is. */
export async function insertSite(
  tx: Tx,
  site: SiteRules & { id: string; name: string; createdBy: string },
): Promise<Site> {
  await tx.query(
    `insert into site (program_id, id, name, origins, conversions, identities, created_by) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (program_id, id) do nothing`,
    [tx.programId, site.id, site.name, site.origins, site.conversions, site.identities, site.createdBy],
  );
  return (await findSite(tx, site.id))!;
}

export async function findSite(tx: Tx, id: string): Promise<Site | undefined> {
  const { rows } = await tx.query<Omit<Site, 'key'>>(`select ${COLUMNS} from site where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0] && withKey(tx, rows[0]);
}

/** Sites, oldest first, after `afterId`. */
export async function listSites(tx: Tx, filter: { afterId?: string; limit: number }): Promise<Site[]> {
  const { rows } = await tx.query<Omit<Site, 'key'>>(
    `select ${COLUMNS} from site where program_id = $1 and ($2::text is null or id > $2) order by id limit $3`,
    [tx.programId, filter.afterId ?? null, filter.limit],
  );
  return rows.map((row) => withKey(tx, row));
}

/** Changes what is given and leaves the rest. */
export async function changeSite(
  tx: Tx,
  id: string,
  changes: Partial<SiteRules> & { name?: string },
): Promise<Site | undefined> {
  await tx.query(
    `update site
     set name = coalesce($3, name), origins = coalesce($4, origins), conversions = coalesce($5, conversions), identities = coalesce($6, identities)
     where program_id = $1 and id = $2`,
    [
      tx.programId,
      id,
      changes.name ?? null,
      changes.origins ?? null,
      changes.conversions ?? null,
      changes.identities ?? null,
    ],
  );
  return findSite(tx, id);
}

/** From now on nothing is taken by the site's key. */
export async function disableSite(tx: Tx, id: string): Promise<Site | undefined> {
  await tx.query(
    'update site set disabled_at = coalesce(disabled_at, clock_timestamp()) where program_id = $1 and id = $2',
    [tx.programId, id],
  );
  return findSite(tx, id);
}
