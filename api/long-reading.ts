import type { Tx } from '../db/transaction.ts';
import { reading } from './caller.ts';
import type { Call } from './route.ts';
import { refusedFields } from './validate.ts';

/** What PostgreSQL says of a transaction whose time is over. */
const TOO_LONG = '25P04';

/**
 * Reads what may be more than can be read in the time of one transaction, as one identity with a hundred thousand touchpoints and hundreds of
 * orders makes it: that is for the caller to change, by `field`.
 * @throws DomainError `invalid`
 */
export function readingMuch<Result>(
  call: Call<unknown, unknown, unknown>,
  field: string,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  return refuseLong(field, () => reading(call, work));
}

/** @throws DomainError `invalid` by the field when the transaction took too long */
export async function refuseLong<Result>(field: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if ((error as { code?: string }).code !== TOO_LONG) throw error;
    throw refusedFields([{ path: field, message: 'This takes too long to read; choose a shorter range.' }]);
  }
}
