import pg from 'pg';

/** What keeps one program's data from another's, as the database itself tells it. */
export interface DatabaseSafety {
  version: string;
  role: string;
  isSuperuser: boolean;
  bypassesRls: boolean;
  /** Tables that the login owns: an owner can switch row-level security off. */
  ownedTables: number;
  isMemberOfApp: boolean;
  /** Tables with a `program_id` on which row-level security is not both on and forced. */
  openTables: string[];
  isMigrated: boolean;
}

/** They say only which program an id or a code belongs to, and must be read before a program is known. */
const DIRECTORIES = ['link_code', 'program_directory'];

/** Looks at a database as the login of `url`. @throws when it cannot be reached */
export async function readDatabaseSafety(url: string): Promise<DatabaseSafety> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rows } = await client.query<DatabaseSafety>(
      `
      select current_setting('server_version') as version,
             current_user as role,
             rolsuper as "isSuperuser",
             rolbypassrls as "bypassesRls",
             (select count(*)::int from pg_class where relowner = pg_roles.oid and relkind in ('r', 'p')) as "ownedTables",
             coalesce((select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = 'tandem_app'), false) as "isMemberOfApp",
             to_regclass('public.program') is not null as "isMigrated",
             coalesce((select array_agg(c.relname::text order by c.relname)
                         from pg_class c
                         join pg_attribute a on a.attrelid = c.oid and a.attname = 'program_id' and not a.attisdropped
                        where c.relnamespace = 'public'::regnamespace
                          and c.relkind in ('r', 'p')
                          and not c.relispartition
                          and c.relname <> all ($1::text[])
                          and not (c.relrowsecurity and c.relforcerowsecurity)), '{}') as "openTables"
        from pg_roles
       where rolname = current_user`,
      [DIRECTORIES],
    );
    return rows[0]!;
  } finally {
    await client.end();
  }
}
