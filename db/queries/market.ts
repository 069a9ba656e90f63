import type { Tx } from '../transaction.ts';

export interface Market {
  code: string;
  name: string;
  region: string;
  countries: string[];
  language: string;
  timeZone: string;
  currency: string;
}

const COLUMNS = `code, name, region, countries, language, time_zone as "timeZone", currency`;

/** All markets, by code. */
export async function listMarkets(tx: Tx): Promise<Market[]> {
  const { rows } = await tx.query<Market>(`select ${COLUMNS} from market where program_id = $1 order by code`, [
    tx.programId,
  ]);
  return rows;
}

/** The market of a country, or undefined. */
export async function findMarketOfCountry(tx: Tx, country: string): Promise<Market | undefined> {
  const { rows } = await tx.query<Market>(
    `select ${COLUMNS} from market where program_id = $1 and $2 = any (countries) order by code limit 1`,
    [tx.programId, country],
  );
  return rows[0];
}

/** Makes these the program's markets; partners keep the code that they have. */
export async function replaceMarkets(tx: Tx, markets: readonly Market[]): Promise<void> {
  await tx.query('delete from market where program_id = $1 and code <> all ($2)', [
    tx.programId,
    markets.map(({ code }) => code),
  ]);
  for (const market of markets.toSorted((a, b) => (a.code < b.code ? -1 : 1))) {
    await tx.query(
      `insert into market (program_id, code, name, region, countries, language, time_zone, currency)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (program_id, code) do update
       set name = excluded.name, region = excluded.region, countries = excluded.countries, language = excluded.language,
           time_zone = excluded.time_zone, currency = excluded.currency`,
      [
        tx.programId,
        market.code,
        market.name,
        market.region,
        market.countries,
        market.language,
        market.timeZone,
        market.currency,
      ],
    );
  }
}
