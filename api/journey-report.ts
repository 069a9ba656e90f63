import { TIME_BOUNDS_S } from '../domain/attribution/journey-tally.ts';
import type { JourneyReport } from '../db/queries/journey-report.ts';
import { toCsv } from './csv.ts';
import type { Cell } from './csv.ts';

/** The names of the buckets of time, in the order of the query's; journeys reach 30 days back. */
const TIME_NAMES = ['PT1H', 'P1D', 'P3D', 'P7D', 'P14D', 'P30D'];

/** The report as it is answered: shares beside counts, and every bucket of time, empty ones too. */
export function showJourneys({ time, times, paths, ...report }: JourneyReport) {
  const counts = new Map(times.map(({ bucket, journeys }) => [bucket, journeys]));
  const buckets = [...TIME_BOUNDS_S, Infinity].map((_, bucket) => ({
    upTo: TIME_NAMES[bucket]!,
    journeys: counts.get(bucket) ?? 0,
  }));
  return {
    ...report,
    paths: paths.map((path) => ({ ...path, share: path.journeys / report.journeys })),
    timeToConvert: time && { ...time, buckets },
  };
}

type ShownJourneys = ReturnType<typeof showJourneys>;

/** One figure per row, so that a spreadsheet filters the parts of the report: `part`, of what, beside what, which figure, its value. */
export function journeyCsv(report: ShownJourneys): string {
  const { timeToConvert: time } = report;
  const rows: Cell[][] = [
    ['all', null, null, 'conversions', report.conversions],
    ['all', null, null, 'journeys', report.journeys],
    ...report.paths.map(({ path, isCut, journeys }) => [
      'path',
      `${path.join(' > ')}${isCut ? ' > …' : ''}`,
      null,
      'journeys',
      journeys,
    ]),
    ...report.lengths.map(({ touchpoints, journeys }) => ['length', touchpoints, null, 'journeys', journeys]),
    ...(time ? figures('time', 'all', null, { medianSeconds: time.medianSeconds, p90Seconds: time.p90Seconds }) : []),
    ...(time?.buckets ?? []).map(({ upTo, journeys }) => ['time', upTo, null, 'journeys', journeys]),
    ...report.channels.flatMap(({ channel, ...places }) => figures('channel', channel, null, places)),
    ...report.partners.flatMap(({ partnerId, name, ...places }) => figures('partner', partnerId, name, places)),
    ...report.overlaps.flatMap(({ partnerId, otherId, ...counts }) => figures('overlap', partnerId, otherId, counts)),
  ];
  return toCsv(['part', 'of', 'beside', 'figure', 'value'], rows);
}

function figures(part: string, of: string, beside: string | null, values: Record<string, number>): Cell[][] {
  return Object.entries(values).map(([name, value]) => [part, of, beside, name, value]);
}
