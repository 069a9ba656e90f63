import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { spawnScript } from '../support/script.ts';
import { ImportGround } from './import-ground.ts';

let ground: ImportGround;
beforeAll(async () => {
  ground = await ImportGround.open();
});
afterAll(() => ground?.close());

const GOOD = 20_000;
/** Every tenth row comes twice, and every thousandth names nobody. */
function file(): string {
  const lines = ['id,identity.visitorId,channel,kind,occurredAt'];
  for (let n = 0; n < GOOD; n += 1) {
    const row = `t${n},v${n % 3_000},video,click,2026-01-01T00:00:${String(n % 60).padStart(2, '0')}Z`;
    lines.push(row);
    if (n % 10 === 0) lines.push(row);
    if (n % 1_000 === 0) lines.push(`bad${n},,video,click,2026-01-01T00:00:00Z`);
  }
  return lines.join('\n');
}

/** The seeded moments: five chunks are some 80 statements. */
function moments(seed: number, count: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return 5 + (state % 24);
  });
}

it.each([[1, [] as number[]], ...[20_261, 7_331].map((seed) => [seed, moments(seed, 3)] as [number, number[]])])(
  'seed %i: killed after its n-th statement (%j) an import goes on, and no row, error or count is lost or doubled',
  async (_seed, kills) => {
    await ground.newProgram();
    const id = await ground.upload('touchpoints', file());
    for (const statement of kills) {
      const child = spawnScript('test/db/import-process.ts', [
        ground.postgres.url,
        ground.programId,
        id,
        String(statement),
      ]);
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
    }
    if (kills.length > 0) expect((await ground.look(id)).state).not.toBe('done');
    const found = await ground.finish(id);
    expect(found).toMatchObject({
      state: 'done',
      read: GOOD + GOOD / 10 + GOOD / 1_000,
      accepted: GOOD,
      duplicate: GOOD / 10,
      rejected: GOOD / 1_000,
    });
    expect(new Set(found.errors.map(({ line, code }) => `${line} ${code}`)).size).toBe(GOOD / 1_000);
    expect(found.errors).toHaveLength(GOOD / 1_000);
    expect(await ground.count('touchpoint')).toBe(GOOD);
    expect(await ground.count('touchpoint_key')).toBe(GOOD);
    expect(await ground.count('identity')).toBe(3_000);
    expect(await ground.count('import_chunk')).toBe(0);
    // The feed will look at every person from their first touchpoint on.
    const [work] = await ground.rows<{ n: number; at: string }>(
      `select count(distinct p.id) as n, min(p.at) as at from intake_work w, unnest(w.identity_ids, w.from_ats) as p (id, at)`,
    );
    expect(work).toEqual({ n: 3_000, at: '2026-01-01T00:00:00Z' });
    const [events] = await ground.rows<{ accepted: number }>(
      `select sum((data ->> 'accepted')::int) as accepted from event where kind = 'touchpoint.received'`,
    );
    expect(Number(events!.accepted)).toBe(GOOD);
  },
  60_000,
);
