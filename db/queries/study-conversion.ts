import type { Money } from '../../domain/money/money.ts';
import { rateFactor, RATE_JOINS, rateParameters } from './study-rate.ts';
import type { Tx } from '../transaction.ts';

/** A conversion of a study, and how much moves in it. */
export interface StudiedConversion {
  id: string;
  externalId: string;
  type: string;
  occurredAt: string;
  value: Money;
  /** The share that changes hands, in 10⁻¹². */
  movedE12: number;
  /** The sum of all changes of commission, either way, in smallest units of the program's currency. */
  commissionMovedMinor: number;
  hasLateEvidence: boolean;
}

const ORDER = {
  change: `"commissionMovedMinor" desc, "movedE12" desc, id`,
  credit: `"movedE12" desc, "commissionMovedMinor" desc, id`,
} as const;

export type ConversionOrder = keyof typeof ORDER;

/** The conversions that a study changes most, in one statement; a change without a rate of its day counts as none. */
export async function listStudiedConversions(
  tx: Tx,
  studyId: string,
  { sort, offset, limit }: { sort: ConversionOrder; offset: number; limit: number },
): Promise<StudiedConversion[]> {
  const { rows } = await tx.query<StudiedConversion>(
    `with moved as (
       select l.conversion_id as id, (sum(abs(l.share_after_e12 - l.share_before_e12)) / 2)::float8 as "movedE12",
         coalesce(sum(abs(round((l.commission_after_minor - l.commission_before_minor) * ${rateFactor('rc', 'l.commission_currency')}))), 0)::bigint
           as "commissionMovedMinor",
         bool_or(l.from_late_evidence) as "hasLateEvidence"
       from study_line l
       join study s on s.program_id = l.program_id and s.id = l.study_id
       join conversion c on c.program_id = l.program_id and c.id = l.conversion_id
       ${RATE_JOINS}
       where l.program_id = $1 and l.study_id = $2
       group by l.conversion_id
       order by ${ORDER[sort]}
       limit $5 offset $6
     )
     select m.*, c.external_id as "externalId", c.type, c.occurred_at as "occurredAt",
       json_build_object('minor', c.value_minor, 'currency', c.currency) as value
     from moved m
     join conversion c on c.program_id = $1 and c.id = m.id
     order by ${ORDER[sort].replace(/, id$/, ', m.id')}`,
    [...(await rateParameters(tx, studyId)), limit, offset],
  );
  return rows;
}
