import { refusedFields } from './validate.ts';

/** @throws DomainError `invalid` for a range that ends before it begins, or holds nothing; one that is open at a side is none */
export function assertRange({ from, to }: { from?: string; to?: string }): void {
  if (from !== undefined && to !== undefined && from >= to)
    throw refusedFields([{ path: 'to', message: 'Give an instant after `from`.' }]);
}
