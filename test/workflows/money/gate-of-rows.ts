import pg from 'pg';

/**
 * Holds a worker in the middle of a re-evaluation, whichever process that is: a row's trigger waits at a gate of the database that the test
 * keeps shut. The moments: in the credit, half of the pricing, half of the posting.
 */
export class GateOfRows {
  static readonly MOMENTS = ['credit', 'price', 'post'] as const;
  readonly #db: pg.Client;

  private constructor(db: pg.Client) {
    this.#db = db;
  }

  /** @param url of the superuser, who may make triggers @param programId whose work is held */
  static async shut(url: string, programId: string): Promise<GateOfRows> {
    const db = new pg.Client(url);
    await db.connect();
    await db.query(`
      create function wait_at_gate() returns trigger language plpgsql security definer as $$
      declare gate integer := null;
      begin
        if current_setting('tandem.program_id', true) is distinct from '${programId}' then return null; end if;
        if tg_table_name = 'commission' then
          if exists (select from commission where program_id = '${programId}' and evaluation_id is not null) then gate := 2; end if;
        elsif exists (select from study_line where program_id = '${programId}' and window_state is not null) then gate := 1;
        elsif exists (select from study where program_id = '${programId}' and pricing_at is null) then gate := 0;
        end if;
        if gate is not null then perform pg_advisory_xact_lock_shared(77, gate); end if;
        return null;
      end $$;
      create trigger wait_at_gate before insert on study_line for each statement execute function wait_at_gate();
      create trigger wait_at_gate before insert on commission for each statement execute function wait_at_gate();
    `);
    for (const gate of [0, 1, 2]) await db.query('select pg_advisory_lock(77, $1)', [gate]);
    return new GateOfRows(db);
  }

  /** Whether somebody waits at the gate of a moment. */
  async isWaitedAt(moment: (typeof GateOfRows.MOMENTS)[number]): Promise<boolean> {
    const { rowCount } = await this.#db.query(
      `select 1 from pg_locks where locktype = 'advisory' and classid = 77 and objid = $1 and not granted`,
      [GateOfRows.MOMENTS.indexOf(moment)],
    );
    return rowCount! > 0;
  }

  async open(moment: (typeof GateOfRows.MOMENTS)[number]): Promise<void> {
    await this.#db.query('select pg_advisory_unlock(77, $1)', [GateOfRows.MOMENTS.indexOf(moment)]);
  }

  async end(): Promise<void> {
    await this.#db.end();
  }
}
