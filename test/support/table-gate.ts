import pg from 'pg';

/** Holds whoever inserts into a table in the middle of its transaction, whichever process that is, until the test opens the gate. */
export class TableGate {
  readonly #db: pg.Client;
  readonly #table: string;

  private constructor(db: pg.Client, table: string) {
    this.#db = db;
    this.#table = table;
  }

  /** @param url of the superuser, who may make triggers */
  static async shut(url: string, table: string): Promise<TableGate> {
    const db = new pg.Client(url);
    await db.connect();
    await db.query(`
      create function wait_at_table() returns trigger language plpgsql as $$
      begin perform pg_advisory_xact_lock_shared(78, 0); return null; end $$;
      create trigger wait_at_table before insert on ${table} for each statement execute function wait_at_table();
    `);
    await db.query('select pg_advisory_lock(78, 0)');
    return new TableGate(db, table);
  }

  /** How many connections wait: at the gate, or behind a lock of the one that does. */
  async waiting(): Promise<{ atGate: number; behind: number }> {
    const { rows } = await this.#db.query<{ gate: string; behind: string }>(
      `select count(*) filter (where locktype = 'advisory' and classid = 78) as gate, count(*) filter (where locktype <> 'advisory') as behind
       from pg_locks where not granted`,
    );
    return { atGate: Number(rows[0]!.gate), behind: Number(rows[0]!.behind) };
  }

  /** Lets everybody through, and takes the gate away. */
  async open(): Promise<void> {
    await this.#db.query('select pg_advisory_unlock(78, 0)');
    await this.#db.query(`drop trigger wait_at_table on ${this.#table}; drop function wait_at_table()`);
    await this.#db.end();
  }
}
