import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { drainCommissions, drainIntake } from '../../../activities/attribution/drain.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeRefunds } from '../../../db/intake/refunds.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';

/** Short ways to say what happens to one program, for tests that read like a story. */
export class World {
  readonly pool: Pool;
  readonly programId: string;
  now = new Date().toISOString();

  constructor(pool: Pool, programId: string) {
    this.pool = pool;
    this.programId = programId;
  }

  async touch(...items: object[]): Promise<void> {
    const results = await intakeTouchpoints(
      this.pool,
      this.programId,
      items.map((item) => ({ kind: 'click', identity: { customerId: 'c' }, ...item })),
    );
    expectAccepted(results);
  }

  async sale(externalId: string, minor: number, occurredAt: string, more: object = {}): Promise<string> {
    const item = {
      externalId,
      identity: { customerId: 'c' },
      type: 'purchase',
      value: { minor, currency: 'EUR' },
      occurredAt,
      ...more,
    };
    const results = await intakeConversions(this.pool, this.programId, [item]);
    expectAccepted(results);
    return results[0]!.id!;
  }

  async refund(
    externalId: string,
    conversionExternalId: string,
    minor: number | null,
    more: object = {},
  ): Promise<void> {
    const value = minor === null ? undefined : { minor, currency: 'EUR' };
    expectAccepted(
      await intakeRefunds(this.pool, this.programId, [
        { externalId, conversionExternalId, value, occurredAt: '2026-03-20T00:00:00Z', reason: 'returned', ...more },
      ]),
    );
  }

  /** Feed and poster, until nothing waits; boundaries that are over are passed first. */
  async drain(): Promise<void> {
    await advanceBoundaries(this.pool, this.programId, { now: this.now });
    for (const drain of [drainIntake, drainCommissions]) {
      const { setAside } = await drain(this.pool, this.programId, { now: this.now });
      if (setAside > 0)
        throw new Error(`Work was set aside: ${JSON.stringify(await this.rows('select * from work_set_aside'))}`);
    }
  }

  async rows<Row extends Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
    return inTransaction(this.pool, this.programId, async (tx) => (await tx.query<Row>(text, values)).rows);
  }

  /** Credit in smallest units by beneficiary, by the credits in force. */
  async credits(externalId: string): Promise<Record<string, number>> {
    const rows = await this.rows<{ id: string; minor: number }>(
      `select k.beneficiary_id as id, sum(k.value_minor)::bigint as minor
       from conversion c join conversion_state s on s.conversion_id = c.id join credit k on k.conversion_id = c.id and k.generation = s.generation
       where c.external_id = $1 group by 1 order by 1`,
      [externalId],
    );
    return Object.fromEntries(rows.map(({ id, minor }) => [id, minor]));
  }

  /** What a partner earned with a conversion, all rows summed. */
  async commission(partnerId: string, externalId: string): Promise<number> {
    const [row] = await this.rows<{ minor: number | null }>(
      'select sum(m.amount_minor)::bigint as minor from commission m join conversion c on c.id = m.conversion_id where m.partner_id = $1 and c.external_id = $2',
      [partnerId, externalId],
    );
    return row?.minor ?? 0;
  }

  async balance(account: string, partnerId: string | null = null): Promise<number> {
    const [row] = await this.rows<{ minor: number | null }>(
      `select sum(case side when 'credit' then amount_minor else -amount_minor end)::bigint as minor
       from ledger_posting where account = $1 and partner_id is not distinct from $2`,
      [account, partnerId],
    );
    return row?.minor ?? 0;
  }
}

function expectAccepted(results: readonly { status: string; code?: string; detail?: string }[]): void {
  const bad = results.find(({ status }) => status !== 'accepted');
  if (bad) throw new Error(`Not accepted: ${JSON.stringify(bad)}`);
}
