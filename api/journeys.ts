import { DomainError } from '../domain/errors.ts';
import type { ComparedJourney } from '../domain/attribution/compare.ts';
import { hasOnlyValue, ONLY_VALUE } from '../domain/attribution/paths.ts';
import { currencyExponent } from '../domain/money/currencies.ts';
import { compareText } from '../domain/attribution/journey.ts';
import type { Money } from '../domain/money/money.ts';
import { MoneySums } from '../domain/money/money-sums.ts';
import { readFxRates } from '../db/queries/fx-rate.ts';
import {
  countNullPaths,
  findJourneyImport,
  listConvertedJourneys,
  listImportedPaths,
  measureImport,
  sumConversions,
} from '../db/queries/journey-path.ts';
import type { ConversionSum, ConvertedJourney } from '../db/queries/journey-path.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import type { Tx } from '../db/transaction.ts';
import { refusedFields } from './validate.ts';

/** Journeys in memory at once. */
const MOST_JOURNEYS = 200_000;
/** Steps of an import in memory at once; callers wait for each other with theirs. */
const MOST_IMPORTED_STEPS = 2_000_000;

/** Where journeys come from: an import of aggregated paths, or a range of event time (`from` inclusive, `to` exclusive). */
export type JourneySource = { importId: string } | { from: string; to: string };

/**
 * Journeys, how many of them had more touchpoints than the newest 1,000 that their paths hold, and the values that no rate of their day brings
 * into the program's currency: those conversions count, their value does not.
 */
export interface Journeys {
  journeys: ComparedJourney[];
  cutJourneys: number;
  unconverted: Money[];
}

export interface JourneyReading {
  /** Whether each touchpoint of a range gets the type of its partner; imported paths know channels only. */
  withPartnerTypes?: boolean;
  /** Whether the conversions of a range that nobody touched are read too, as one journey without steps. */
  withUntouched?: boolean;
}

/**
 * Reads the journeys of a source. Their `value` is a plain decimal: as imported, or in whole units of the program's currency.
 * @throws DomainError `invalid` for an unknown import, a line of it that has a value without conversions, too many journeys,
 * `conflict` for an import that still runs
 */
export function readJourneysOf(tx: Tx, source: JourneySource, reading: JourneyReading = {}): Promise<Journeys> {
  return 'importId' in source ? readImport(tx, source.importId) : readRange(tx, source, reading);
}

async function readImport(tx: Tx, importId: string): Promise<Journeys> {
  const found = await findJourneyImport(tx, importId);
  if (!found || found.kind !== 'journeys') {
    throw refusedFields([{ path: 'source.importId', message: `There is no import of journeys ${importId}.` }]);
  }
  if (found.state !== 'done') throw new DomainError('conflict', `The import is ${found.state}; wait until it is done.`);
  const size = await measureImport(tx, importId);
  if (size.paths > MOST_JOURNEYS || size.steps > MOST_IMPORTED_STEPS) {
    const most = `at most ${MOST_JOURNEYS} paths of ${MOST_IMPORTED_STEPS} steps in all`;
    throw refusedFields([{ path: 'source.importId', message: `Import fewer paths, or shorter ones: ${most}.` }]);
  }
  const paths = await listImportedPaths(tx, importId);
  const fault = paths.find(hasOnlyValue);
  if (fault) throw refusedFields([{ path: 'source.importId', message: `Line ${fault.line}: ${ONLY_VALUE}` }]);
  return { journeys: paths, cutJourneys: 0, unconverted: [] };
}

async function readRange(
  tx: Tx,
  range: { from: string; to: string },
  { withPartnerTypes = false, withUntouched = false }: JourneyReading,
): Promise<Journeys> {
  const bounded = { ...range, withPartnerTypes, limit: MOST_JOURNEYS + 1 };
  const converted = await listConvertedJourneys(tx, bounded);
  const nulls = await countNullPaths(tx, bounded);
  if (converted.length + nulls.length > MOST_JOURNEYS) {
    throw refusedFields([{ path: 'source.to', message: `Choose a shorter range: at most ${MOST_JOURNEYS} journeys.` }]);
  }
  const { currency } = await readProgramFrame(tx);
  const untouched = withUntouched ? untouchedOf(await sumConversions(tx, range), converted) : [];
  const { valueOf, unconverted } = await valuesIn(tx, currency, [...converted, ...untouched]);
  const journeys = [
    ...converted.map((journey) => ({
      path: journey.path,
      agesMicros: journey.agesMicros,
      partnerTypes: journey.partnerTypes,
      conversions: 1,
      value: valueOf(journey),
      nulls: 0,
    })),
    ...nulls.map(({ path, partnerTypes, nulls: count }) => ({
      path,
      // Nobody bought, so no model gives them credit, and no age matters.
      agesMicros: path.map(() => 0),
      partnerTypes: partnerTypes ?? undefined,
      conversions: 0,
      value: 0,
      nulls: count,
    })),
    ...(withUntouched ? [asJourney(untouched, valueOf)] : []),
  ];
  const cutNulls = nulls.reduce((sum, { cut }) => sum + cut, 0);
  return { journeys, cutJourneys: converted.filter(({ isCut }) => isCut).length + cutNulls, unconverted };
}

/** What is left of the sums of a range when the conversions that somebody touched are taken away, in the same snapshot. */
function untouchedOf(sums: readonly ConversionSum[], touched: readonly ConvertedJourney[]): ConversionSum[] {
  const left = new Map(sums.map((sum) => [`${sum.currency} ${sum.day}`, { ...sum }]));
  for (const { currency, day, minor } of touched) {
    const sum = left.get(`${currency} ${day}`)!;
    sum.conversions -= 1;
    sum.minor -= minor;
  }
  return [...left.values()].filter(({ conversions }) => conversions > 0);
}

function asJourney(sums: readonly ConversionSum[], valueOf: (sum: ConversionSum) => number): ComparedJourney {
  return {
    path: [],
    agesMicros: [],
    partnerTypes: [],
    conversions: sums.reduce((all, { conversions }) => all + conversions, 0),
    value: sums.reduce((all, sum) => all + valueOf(sum), 0),
    nulls: 0,
  };
}

/** Minor units of one day. */
type Amount = Pick<ConvertedJourney, 'minor' | 'currency' | 'day'>;

/** Values in whole units of the currency; figures for insight, not money that is paid. What has no rate of its day is worth nothing here. */
async function valuesIn(
  tx: Tx,
  currency: string,
  amounts: readonly Amount[],
): Promise<{ valueOf(amount: Amount): number; unconverted: Money[] }> {
  const wanted = amounts
    .filter((amount) => amount.currency !== currency)
    .map(({ currency: base, day }) => ({ base, quote: currency, day }));
  const rates = await readFxRates(tx, wanted, 'infinity');
  const rateOf = ({ currency: base, day }: Amount) =>
    base === currency ? '1' : rates.get(`${base} ${currency} ${day}`);
  const left = new MoneySums();
  for (const amount of amounts) if (rateOf(amount) === undefined) left.add(amount.currency, amount.minor);
  return {
    valueOf: (amount) => (amount.minor / 10 ** currencyExponent(amount.currency)) * Number(rateOf(amount) ?? 0),
    unconverted: left.toMoney().sort((a, b) => compareText(a.currency, b.currency)),
  };
}
