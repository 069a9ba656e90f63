import type { Actor } from '../domain/actor.ts';
import type { Role } from '../domain/task/kinds.ts';

/** Who calls. A key acts for its person or its partner; a key of neither is a developer's key and decides nothing. */
export type Principal =
  | { kind: 'person'; programId: string; personId: string; roles: readonly Role[]; conflicts: readonly string[] }
  | { kind: 'partner'; programId: string; partnerId: string }
  | { kind: 'key'; programId: string; keyId: string; roles: readonly Role[] };

export function rolesOf(principal: Principal): readonly Role[] {
  return principal.kind === 'partner' ? ['partner'] : principal.roles;
}

/** The caller as the record names it. */
export function actorOf(principal: Principal): Actor {
  if (principal.kind === 'person') return { kind: 'person', id: principal.personId };
  if (principal.kind === 'partner') return { kind: 'partner', id: principal.partnerId };
  return { kind: 'key', id: principal.keyId };
}

/** One text per caller: person or key, as the scope of an Idempotency-Key. */
export function actorKey(principal: Principal): string {
  const { kind, id } = actorOf(principal);
  return `${kind}:${id ?? ''}`;
}

/** The id by which rows name who asked for them. */
export function actorId(principal: Principal): string {
  return actorOf(principal).id ?? principal.kind;
}
