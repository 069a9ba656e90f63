import type { ScreenParameters } from '../../domain/screen/screen.ts';
import type { Tx } from '../transaction.ts';
import type { Pair } from './commission.ts';

/** What a screen found: the rule's version and parameters, and what it saw. */
export interface NewScreenHit extends Pair {
  holdId: string;
  screen: string;
  version: number;
  parameters: ScreenParameters;
  evidence: string;
  at: string;
}

/** Notes a hit beside the hold that it placed. */
export async function insertScreenHit(tx: Tx, hit: NewScreenHit): Promise<void> {
  await tx.query(
    `insert into screen_hit (program_id, hold_id, screen, version, parameters, partner_id, conversion_id, evidence, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tx.programId,
      hit.holdId,
      hit.screen,
      hit.version,
      hit.parameters,
      hit.partnerId,
      hit.conversionId,
      hit.evidence,
      hit.at,
    ],
  );
}

/** A hit and what became of its hold. */
export interface ScreenHit extends NewScreenHit {
  state: 'standing' | 'lifted' | 'confirmed' | 'elapsed';
}

/** The hits of one screen in order of their holds' ids. */
export async function listScreenHits(
  tx: Tx,
  filter: { screen: string; version?: number; state?: string; afterId?: string; limit: number },
): Promise<ScreenHit[]> {
  const { rows } = await tx.query<ScreenHit>(
    `select s.hold_id as "holdId", s.screen, s.version, s.parameters, s.partner_id as "partnerId", s.conversion_id as "conversionId", s.evidence,
       s.at, coalesce(h.ending, 'standing') as state
     from screen_hit s
     join hold h on h.program_id = s.program_id and h.id = s.hold_id
     where s.program_id = $1 and s.screen = $2 and ($3::integer is null or s.version = $3)
       and ($4::text is null or coalesce(h.ending, 'standing') = $4) and ($5::text is null or s.hold_id > $5)
     order by s.hold_id
     limit $6`,
    [tx.programId, filter.screen, filter.version ?? null, filter.state ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows;
}

/** How often a version of a screen hit, and how persons decided. */
export interface ScreenMeasure {
  screen: string;
  version: number;
  hits: number;
  standing: number;
  lifted: number;
  confirmed: number;
  lastAt: string;
}

export async function measureScreens(tx: Tx): Promise<ScreenMeasure[]> {
  const { rows } = await tx.query<ScreenMeasure>(
    `select s.screen, s.version, count(*)::int as hits, (count(*) filter (where h.ending is null))::int as standing,
       (count(*) filter (where h.ending = 'lifted'))::int as lifted, (count(*) filter (where h.ending = 'confirmed'))::int as confirmed,
       max(s.at) as "lastAt"
     from screen_hit s
     join hold h on h.program_id = s.program_id and h.id = s.hold_id
     where s.program_id = $1
     group by s.screen, s.version
     order by s.screen, s.version desc`,
    [tx.programId],
  );
  return rows;
}

/** What a screen saw when it placed a hold; null where a person placed it. */
export async function findHitEvidence(tx: Tx, holdId: string): Promise<string | null> {
  const { rows } = await tx.query<{ evidence: string }>(
    'select evidence from screen_hit where program_id = $1 and hold_id = $2',
    [tx.programId, holdId],
  );
  return rows[0]?.evidence ?? null;
}
