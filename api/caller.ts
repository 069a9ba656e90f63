import { DomainError } from '../domain/errors.ts';
import type { Role } from '../domain/task/kinds.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import { rolesOf } from './principal.ts';
import type { Principal } from './principal.ts';
import type { Call } from './route.ts';

type AnyCall = Pick<Call, 'principal' | 'deps'>;

/** Who calls a route that is not public. */
export function caller(call: AnyCall): Principal {
  if (!call.principal) throw new DomainError('unauthenticated', 'Sign in or send an API key.');
  return call.principal;
}

/** The partner whose things are meant when a partner calls; undefined for the team. */
export function ownPartner(call: AnyCall): string | undefined {
  const principal = caller(call);
  return principal.kind === 'partner' ? principal.partnerId : undefined;
}

/** The filter's partner for the team, their own for a partner. */
export function partnerFilter(call: AnyCall, asked: string | undefined): string | undefined {
  return ownPartner(call) ?? asked;
}

export function hasRole(call: AnyCall, ...roles: Role[]): boolean {
  return rolesOf(caller(call)).some((role) => roles.includes(role));
}

/** Reads in one snapshot of the caller's program. */
export function reading<Result>(call: AnyCall, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return inTransaction(call.deps.pool, caller(call).programId, work, { mode: 'snapshot' });
}

/** Writes in one transaction of the caller's program. */
export function writing<Result>(call: AnyCall, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return inTransaction(call.deps.pool, caller(call).programId, work);
}
