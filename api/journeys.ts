import { DomainError } from '../domain/errors.ts';
import type { ComparedJourney } from '../domain/attribution/compare.ts';
import { currencyExponent } from '../domain/money/currencies.ts';
import { readFxRates } from '../db/queries/fx-rate.ts';
import {
  countNullPaths,
  findJourneyImport,
  listConvertedJourneys,
  listImportedPaths,
} from '../db/queries/journey-path.ts';
import type { ConvertedJourney } from '../db/queries/journey-path.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import type { Tx } from '../db/transaction.ts';
import { refusedFields } from './validate.ts';

/** Journeys in memory at once. */
const MOST_JOURNEYS = 200_000;

/** Where journeys come from: an import of aggregated paths, or a range of event time (`from` inclusive, `to` exclusive). */
export type JourneySource = { importId: string } | { from: string; to: string };

export interface JourneyReading {
  /** Whether each touchpoint of a range gets the type of its partner; imported paths know channels only. */
  withPartnerTypes?: boolean;
}

/**
 * Reads the journeys of a source. Their `value` is a plain decimal: as imported, or in whole units of the program's currency.
 * @throws DomainError `invalid` for an unknown import, too many journeys or a missing rate, `conflict` for an import that still runs
 */
export function readJourneysOf(
  tx: Tx,
  source: JourneySource,
  { withPartnerTypes = false }: JourneyReading = {},
): Promise<ComparedJourney[]> {
  return 'importId' in source ? readImport(tx, source.importId) : readRange(tx, source, withPartnerTypes);
}

async function readImport(tx: Tx, importId: string): Promise<ComparedJourney[]> {
  const found = await findJourneyImport(tx, importId);
  if (!found || found.kind !== 'journeys') {
    throw refusedFields([{ path: 'source.importId', message: `There is no import of journeys ${importId}.` }]);
  }
  if (found.state !== 'done') throw new DomainError('conflict', `The import is ${found.state}; wait until it is done.`);
  return listImportedPaths(tx, importId);
}

async function readRange(
  tx: Tx,
  range: { from: string; to: string },
  withPartnerTypes: boolean,
): Promise<ComparedJourney[]> {
  const bounded = { ...range, withPartnerTypes, limit: MOST_JOURNEYS + 1 };
  const converted = await listConvertedJourneys(tx, bounded);
  const nulls = await countNullPaths(tx, bounded);
  if (converted.length + nulls.length > MOST_JOURNEYS) {
    throw refusedFields([{ path: 'source.to', message: `Choose a shorter range: at most ${MOST_JOURNEYS} journeys.` }]);
  }
  const { currency } = await readProgramFrame(tx);
  const valueOf = await valuesIn(tx, currency, converted);
  return [
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
  ];
}

/** Values in whole units of the currency; a figure for insight, not money that is paid. */
async function valuesIn(
  tx: Tx,
  currency: string,
  journeys: readonly ConvertedJourney[],
): Promise<(journey: ConvertedJourney) => number> {
  const wanted = journeys
    .filter((journey) => journey.currency !== currency)
    .map(({ currency: base, day }) => ({ base, quote: currency, day }));
  const rates = await readFxRates(tx, wanted, 'infinity');
  return ({ minor, currency: base, day }) => {
    const units = minor / 10 ** currencyExponent(base);
    if (base === currency) return units;
    const rate = rates.get(`${base} ${currency} ${day}`);
    if (rate === undefined)
      throw refusedFields([{ path: 'source', message: `There is no rate ${base}/${currency} of ${day}.` }]);
    return units * Number(rate);
  };
}
