import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Logins of a cluster: `owner` migrates, `api` is what API and workers use. Neither is a superuser. */
export interface Logins {
  owner: { role: string; password: string };
  api: { role: string; password: string };
}

/** Fresh passwords for the two logins. */
export function makeLogins(): Logins {
  const password = () => randomBytes(24).toString('hex');
  return { owner: { role: 'tandem_owner', password: password() }, api: { role: 'tandem_api', password: password() } };
}

/** The login that a database URL carries. @throws Error when it carries no name or no password */
export function readLogin(url: string): { role: string; password: string } {
  const { username, password, host } = new URL(url);
  if (!username || !password) throw new Error(`The database URL for ${host} names no login with a password.`);
  return { role: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/**
 * Makes the two logins or gives them these passwords, and the database owned by the owner's login. Can be repeated.
 * The owner may create roles because the first migration makes `tandem_app`.
 * @param superuserUrl a superuser's URL, any database
 */
export async function provisionDatabase(superuserUrl: string, database: string, logins: Logins): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    await setLogin(client, logins.owner, 'createrole');
    await setLogin(client, logins.api, 'nocreaterole');
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) {
      await client.query(`create database ${name(client, database)} owner ${name(client, logins.owner.role)}`);
    }
    await client.query(`revoke all on database ${name(client, database)} from public`);
    await client.query(`grant connect on database ${name(client, database)} to ${name(client, logins.api.role)}`);
  });
}

/** After the migrations: the API's login becomes a member of `tandem_app`, which holds all grants. Can be repeated. */
export async function joinAppRole(superuserUrl: string, logins: Logins): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    const found = await client.query("select 1 from pg_roles where rolname = 'tandem_app'");
    if (found.rowCount === 0) throw new Error('The migrations made no role tandem_app. Run them before this.');
    await client.query(`grant tandem_app to ${name(client, logins.api.role)}`);
  });
}

/** A copy of a migrated database, with the same owner; much faster than migrating again. */
export async function copyDatabase(
  superuserUrl: string,
  template: string,
  copy: string,
  logins: Logins,
): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    const owner = name(client, logins.owner.role);
    await client.query(`create database ${name(client, copy)} owner ${owner} template ${name(client, template)}`);
    await client.query(`revoke all on database ${name(client, copy)} from public`);
    await client.query(`grant connect on database ${name(client, copy)} to ${name(client, logins.api.role)}`);
    await client.query(`grant temporary on database ${name(client, copy)} to tandem_app`);
  });
}

/** Drops a database with whoever is still connected to it. */
export async function dropDatabase(superuserUrl: string, database: string): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    await client.query(`drop database if exists ${name(client, database)} with (force)`);
  });
}

/** The URL of a login for a database on the same server. */
export function urlFor(superuserUrl: string, database: string, login: { role: string; password: string }): string {
  const url = new URL(superuserUrl);
  url.username = login.role;
  url.password = login.password;
  url.pathname = `/${database}`;
  return url.href;
}

async function setLogin(client: pg.Client, login: { role: string; password: string }, more: string): Promise<void> {
  const found = await client.query('select 1 from pg_roles where rolname = $1', [login.role]);
  const verb = found.rowCount === 0 ? 'create' : 'alter';
  // A role's name and password cannot be parameters of this statement, so both are quoted by the driver.
  await client.query(
    `${verb} role ${name(client, login.role)} login ${more} nosuperuser nobypassrls password ${client.escapeLiteral(login.password)}`,
  );
}

function name(client: pg.Client, identifier: string): string {
  return client.escapeIdentifier(identifier);
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
