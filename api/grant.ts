import { DomainError } from '../domain/errors.ts';
import type { Role } from '../domain/task/kinds.ts';

/**
 * Nobody gives more than they have: an owner any role, a programme manager also a partner's, others their own.
 * @throws DomainError `forbidden`
 */
export function assertMayGrant(makers: readonly Role[], role: string): void {
  if (makers.includes('owner') || makers.some((own) => own === role)) return;
  if (role === 'partner' && makers.includes('partner_manager')) return;
  throw new DomainError('forbidden', `The role ${role} is more than yours; an owner can give it.`);
}
