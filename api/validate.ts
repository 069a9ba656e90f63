import type { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { FieldFault } from '../domain/errors.ts';
import { faultWords } from './fault-words.ts';

const MAX_FAULTS = 50;

/** Reads a value by its contract. @throws DomainError `invalid` naming each field */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown, at = ''): z.output<Schema> {
  const read = readBy(schema, value, at);
  if ('faults' in read) throw refusedFields(read.faults);
  return read.data;
}

/** The value as its contract reads it, or each fault with its field. */
export function readBy<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  at = '',
): { data: z.output<Schema> } | { faults: FieldFault[] } {
  const result = schema.safeParse(value, { error: faultWords });
  if (result.success) return { data: result.data };
  return { faults: result.error.issues.flatMap((issue) => faultsOf(issue, at)) };
}

/** Faults in one line. */
export function faultsText(faults: readonly FieldFault[]): string {
  return faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join(' ');
}

/** @throws DomainError `invalid` when there are faults */
export function refusedFields(faults: FieldFault[]): DomainError {
  const [first] = faults;
  const detail = first ? `${first.path || 'body'}: ${first.message}` : 'Something in the request cannot be used.';
  return new DomainError('invalid', detail, { errors: faults.slice(0, MAX_FAULTS) });
}

function faultsOf(issue: z.core.$ZodIssue, at: string): FieldFault[] {
  const path = [at, ...issue.path.map(String)].filter((part) => part !== '').join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message: 'This field is not known; leave it out.',
    }));
  }
  return [{ path, message: issue.message }];
}
