import { to as copyTo } from 'pg-copy-streams';
import type { Places } from '../../domain/attribution/journey-places.ts';
import { JourneyTally, NOBODY } from '../../domain/attribution/journey-tally.ts';
import type { TalliedPlaces } from '../../domain/attribution/journey-tally.ts';
import { BinaryRow, eachBinaryRow } from '../attribution/columns/binary-rows.ts';
import { ByteDictionary } from '../attribution/columns/byte-dictionary.ts';
import type { Tx } from '../transaction.ts';
import { REACH, WALKED } from './journey-path.ts';
import { readPartnerNames } from './partner-read.ts';

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
  /** Paths of channels, oldest first, the most frequent; a long path shows its first steps. */
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

/** A range of event time; instants are RFC 3339. */
interface Range {
  from: string;
  to: string;
}

/** How many conversions of event time there are, counted up to `limit`. */
export async function countConversions(tx: Tx, { from, to, limit }: Range & { limit: number }): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from (
       select from conversion where program_id = $1 and occurred_at >= $2 and occurred_at < $3 limit $4
     ) counted`,
    [tx.programId, from, to, limit],
  );
  return rows[0]!.count;
}

/**
 * What the journeys of a range of event time look like: each conversion with everything the same person touched within 30 days before it.
 * Touchpoints are read once, journey by journey, and counted while they come; memory is that of the counts. Call it in a snapshot, so that
 * all parts are of one moment. Lists hold at most `most` rows.
 */
export async function readJourneyReport(tx: Tx, { from, to, most }: Range & { most: number }): Promise<JourneyReport> {
  const { tally, channels, partners } = await tallyJourneys(tx, { from, to });
  // Between the parts stands a trip to the database, so that none of them holds up other requests together with the next.
  const ofChannels = await ranksOf(tx, channels);
  const paths = tally.paths(most, ofChannels);
  const ofPartners = await ranksOf(tx, partners);
  const lengths = tally.lengths();
  const conversions = await countConversions(tx, { from, to, limit: Number.MAX_SAFE_INTEGER });
  const placed = await named(tx, tally.partners(most, ofPartners), partners);
  return {
    conversions,
    journeys: tally.journeys,
    paths: paths.map(({ path, ...row }) => ({ path: path.map((number) => channels[number]!), ...row })),
    ...lengths,
    channels: tally
      .channels(most, ofChannels)
      .map(({ number, ...places }) => ({ channel: channels[number]!, ...places })),
    partners: placed,
    overlaps: tally.overlaps(most, ofPartners).map((pair) => ({
      partnerId: partners[pair.a]!,
      otherId: partners[pair.b]!,
      journeys: pair.journeys,
      introduces: pair.introduces,
      otherIntroduces: pair.journeys - pair.introduces,
      closes: pair.closes,
      otherCloses: pair.journeys - pair.closes,
    })),
  };
}

/** The tally, and the names behind its numbers. */
async function tallyJourneys(tx: Tx, range: Range) {
  const tally = new JourneyTally();
  const channels = new Names();
  const partners = new Names();
  const row = new BinaryRow(5);
  const stream = tx.client.query(copyTo(`copy (${touchpointsOf(tx, range)}) to stdout (format binary)`));
  let conversion = -1;
  await eachBinaryRow(stream, row, () => {
    const no = row.int4(0);
    if (no !== conversion) tally.end();
    conversion = no;
    const partner = row.length[3]! < 0 ? NOBODY : partners.numberOf(row, 3);
    tally.add(channels.numberOf(row, 2), partner, row.int8(1) - row.int8(4));
  });
  tally.end();
  return { tally, channels: channels.names, partners: partners.names };
}

/** Numbers for the values of a column, in order of first sight. */
class Names {
  readonly names: string[] = [];
  readonly #dictionary = new ByteDictionary();

  numberOf(row: BinaryRow, field: number): number {
    const from = row.from[field]!;
    const number = this.#dictionary.indexOf(row.bytes, from, from + row.length[field]!);
    if (number === this.names.length) this.names.push(row.text(field)!);
    return number;
  }
}

/** Every touchpoint of the journeys, one journey after the other, each in its order. COPY takes no parameters. */
function touchpointsOf(tx: Tx, { from, to }: Range): string {
  const program = tx.client.escapeLiteral(tx.programId);
  const [begin, end] = [from, to].map((at) => `${tx.client.escapeLiteral(at)}::timestamptz`);
  // Instants as constants say which partitions of touchpoints a range can reach; without it each conversion would look into all of them.
  return `
    with person as materialized (
      select c.no, c.occurred_at, i.id
      from (
        select (row_number() over ())::integer as no, occurred_at, identity_id
        from conversion
        where program_id = ${program} and occurred_at >= ${begin} and occurred_at < ${end}
      ) c
      join identity own on own.program_id = ${program} and own.id = c.identity_id
      join identity i on i.program_id = ${program} and i.component_id = own.component_id
    )
    select p.no, p.occurred_at, t.channel, t.partner_id, t.occurred_at
    from person p
    join touchpoint t on t.program_id = ${program} and t.identity_id = p.id
      and t.occurred_at <= p.occurred_at and t.occurred_at >= p.occurred_at - interval '${REACH}'
      and t.occurred_at < ${end} and t.occurred_at >= ${begin} - interval '${REACH}'
    where ${WALKED}
    order by p.no, t.occurred_at, t.received_at, t.id`;
}

/** The place of each name in the order of the database. */
async function ranksOf(tx: Tx, names: readonly string[]): Promise<number[]> {
  const { rows } = await tx.query<{ rank: number }>(
    `select rank from (
       select no, (row_number() over (order by name))::integer as rank from unnest($1::text[]) with ordinality as n (name, no)
     ) ranked
     order by no`,
    [names],
  );
  return rows.map(({ rank }) => rank);
}

/** Rows of partners with their names as they are today. */
async function named(
  tx: Tx,
  counted: readonly TalliedPlaces[],
  ids: readonly string[],
): Promise<JourneyReport['partners']> {
  const names = await readPartnerNames(
    tx,
    counted.map(({ number }) => ids[number]!),
  );
  return counted.flatMap(({ number, ...places }) => {
    const partnerId = ids[number]!;
    const name = names.get(partnerId);
    return name === undefined ? [] : [{ partnerId, name, ...places }];
  });
}
