import { CURRENCIES, currencyExponent } from '../../domain/money/currencies.ts';
import { RATES_KNOWN } from './fx-rate.ts';
import { readProgramFrame } from './program-settings.ts';
import type { Tx } from '../transaction.ts';

/**
 * Converting the lines of a study (`l` of study `s` and conversion `c`) into the program's currency, at the rate of the sale's day that was
 * known at the cut. Parameters: $1 program, $2 study, $3 the program's currency, $4 decimal places by currency.
 */
export const RATE_JOINS = `
  ${rateOf('rv', 'l.value_currency')}
  ${rateOf('rc', 'l.commission_currency')}`;

function rateOf(name: 'rv' | 'rc', currency: string): string {
  return `left join (${RATES_KNOWN}) ${name} on ${currency} <> $3 and ${name}.program_id = l.program_id and ${name}.base = ${currency}
    and ${name}.quote = $3 and ${name}.day = c.occurred_at::date and ${name}.received_at < s.cut_at and ${name}.replaced_at >= s.cut_at`;
}

/** Smallest units of the program's currency for one of `currency`, exactly; null where no rate is known. */
export function rateFactor(rate: 'rv' | 'rc', currency: string): string {
  const places = `($4::jsonb ->> $3)::int - ($4::jsonb ->> ${currency}::text)::int`;
  return `case when ${currency} = $3 then 1 else ${rate}.rate * power(10::numeric, ${places}) end`;
}

/** The first four parameters of a statement that converts. */
export async function rateParameters(tx: Tx, studyId: string): Promise<unknown[]> {
  const { currency } = await readProgramFrame(tx);
  const places = Object.fromEntries(CURRENCIES.map((code) => [code, currencyExponent(code)]));
  return [tx.programId, studyId, currency, JSON.stringify(places)];
}

/** Whether any line of a study is in another currency than the program's. */
export async function hasForeignLines(tx: Tx, studyId: string, currency: string): Promise<boolean> {
  const { rows } = await tx.query<{ found: boolean }>(
    `select exists (
       select from study_line where program_id = $1 and study_id = $2 and (value_currency <> $3 or commission_currency <> $3)
     ) as found`,
    [tx.programId, studyId, currency],
  );
  return rows[0]!.found;
}
