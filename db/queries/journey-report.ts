import type { Tx } from '../transaction.ts';
import { IN_PARTITIONS, REACH, WALKED } from './journey-path.ts';

/** How often a channel or partner stood in a journey, and where. A journey that it stands in without closing it is assisted. */
interface Places {
  journeys: number;
  assisted: number;
  first: number;
  last: number;
}

/** Two partners in the same journeys: who of the two came first, and who came last. */
export interface PartnerOverlap {
  partnerId: string;
  otherId: string;
  journeys: number;
  introduces: number;
  otherIntroduces: number;
  closes: number;
  otherCloses: number;
}

export interface JourneyReport {
  conversions: number;
  /** Conversions that somebody touched before; the figures below are of these. */
  journeys: number;
  /** Paths of channels, oldest first, the most frequent; a path with more steps than `LONGEST_PATH` shows its first ones. */
  paths: { path: string[]; isCut: boolean; journeys: number }[];
  /** By number of touchpoints; the last holds all that are as long or longer. */
  lengths: { touchpoints: number; journeys: number }[];
  /** From the first touchpoint to the conversion. */
  time: { medianSeconds: number; p90Seconds: number } | null;
  /** Places in `TIME_BOUNDS_S`: 0 is below the first bound. */
  times: { bucket: number; journeys: number }[];
  channels: (Places & { channel: string })[];
  partners: (Places & { partnerId: string; name: string })[];
  overlaps: PartnerOverlap[];
}

export const LONGEST_PATH = 20;
export const MOST_LENGTH = 20;
/** Upper bounds of the buckets of time, seconds; what is longer is in one more. */
export const TIME_BOUNDS_S = [3_600, 86_400, 3 * 86_400, 7 * 86_400, 14 * 86_400];
/** Journeys with more partners make pairs that say nothing; they are left out of the overlap. */
const MOST_PARTNERS = 50;

/** How many conversions of event time there are, counted up to `limit`. */
export async function countConversions(
  tx: Tx,
  { from, to, limit }: { from: string; to: string; limit: number },
): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from (
       select from conversion where program_id = $1 and occurred_at >= $2 and occurred_at < $3 limit $4
     ) counted`,
    [tx.programId, from, to, limit],
  );
  return rows[0]!.count;
}

const PLACES = `count(*)::int as journeys, (count(*) filter (where not is_last))::int as assisted,
  (count(*) filter (where is_first))::int as first, (count(*) filter (where is_last))::int as last`;

/** Each list with its rows in order, as one JSON value. */
const list = (query: string) => `(select coalesce(json_agg(to_json(x)), '[]') from (${query}) x)`;

/**
 * What the journeys of a range of event time look like: each conversion with everything the same person touched within 30 days before it.
 * One statement, so all parts are of one moment and the touchpoints are read once. Lists hold at most `most` rows.
 */
export async function readJourneyReport(
  tx: Tx,
  { from, to, most }: { from: string; to: string; most: number },
): Promise<JourneyReport> {
  const { rows } = await tx.query<JourneyReport>(
    `with converted as materialized (
       select c.id, c.occurred_at, own.component_id
       from conversion c
       left join identity own on own.program_id = c.program_id and own.id = c.identity_id
       where c.program_id = $1 and c.occurred_at >= $2 and c.occurred_at < $3
     ),
     walk as materialized (
       select c.id as conversion_id, t.channel, t.partner_id, c.occurred_at - t.occurred_at as age,
         row_number() over (partition by c.id order by t.occurred_at, t.received_at, t.id) as place,
         count(*) over (partition by c.id) as length
       from converted c
       join identity i on i.program_id = $1 and i.component_id = c.component_id
       join touchpoint t on t.program_id = $1 and t.identity_id = i.id
         and t.occurred_at <= c.occurred_at and t.occurred_at >= c.occurred_at - $5::interval
         and ${IN_PARTITIONS}
       where ${WALKED}
     ),
     journey as materialized (
       select conversion_id, max(length) as length, extract(epoch from max(age))::float8 as seconds,
         array_agg(channel order by place) filter (where place <= ${LONGEST_PATH}) as path
       from walk
       group by conversion_id
     ),
     partner_part as materialized (
       select conversion_id, partner_id, min(place) as first_place, max(place) as last_place, bool_or(place = 1) as is_first,
         bool_or(place = length) as is_last
       from walk
       where partner_id is not null
       group by conversion_id, partner_id
     ),
     -- One row per journey, so that pairs are made within it and not by joining all journeys with all.
     partner_list as (
       select array_agg(partner_id order by partner_id) as ids, array_agg(first_place order by partner_id) as firsts,
         array_agg(last_place order by partner_id) as lasts
       from partner_part
       group by conversion_id
       having count(*) between 2 and ${MOST_PARTNERS}
     )
     select (select count(*)::int from converted) as conversions, (select count(*)::int from journey) as journeys,
       ${list(`select path, length > ${LONGEST_PATH} as "isCut", count(*)::int as journeys
         from journey group by 1, 2 order by 3 desc, 1, 2 limit $4`)} as paths,
       ${list(`select least(length, ${MOST_LENGTH})::int as touchpoints, count(*)::int as journeys from journey group by 1 order by 1`)} as lengths,
       (select to_json(x) from (
          select percentile_cont(0.5) within group (order by seconds) as "medianSeconds",
            percentile_cont(0.9) within group (order by seconds) as "p90Seconds"
          from journey having count(*) > 0) x) as time,
       ${list(`select width_bucket(seconds, $6::float8[]) as bucket, count(*)::int as journeys from journey group by 1 order by 1`)} as times,
       ${list(`select channel, ${PLACES} from (
           select channel, bool_or(place = 1) as is_first, bool_or(place = length) as is_last from walk group by conversion_id, channel
         ) part group by channel order by 2 desc, 1 limit $4`)} as channels,
       ${list(`select t."partnerId", p.name, t.journeys, t.assisted, t.first, t.last
         from (select partner_id as "partnerId", ${PLACES} from partner_part group by partner_id order by 2 desc, 1 limit $4) t
         join partner p on p.program_id = $1 and p.id = t."partnerId"
         order by t.journeys desc, 1`)} as partners,
       ${list(`select ids[a] as "partnerId", ids[b] as "otherId", count(*)::int as journeys,
           (count(*) filter (where firsts[a] < firsts[b]))::int as introduces,
           (count(*) filter (where firsts[b] < firsts[a]))::int as "otherIntroduces",
           (count(*) filter (where lasts[a] > lasts[b]))::int as closes,
           (count(*) filter (where lasts[b] > lasts[a]))::int as "otherCloses"
         from partner_list, generate_subscripts(ids, 1) a, generate_subscripts(ids, 1) b
         where b > a
         group by 1, 2 order by 3 desc, 1, 2 limit $4`)} as overlaps`,
    [tx.programId, from, to, most, REACH, TIME_BOUNDS_S],
  );
  return rows[0]!;
}
