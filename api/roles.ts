import type { Role } from '../domain/task/kinds.ts';

/** Sets of roles that the table of routes uses. `auditor` reads everything and writes nothing. */
export const READERS: readonly Role[] = ['owner', 'partner_manager', 'reviewer', 'legal', 'finance', 'auditor'];
export const READERS_AND_PARTNER: readonly Role[] = [...READERS, 'partner'];
export const EVERYBODY: readonly Role[] = [...READERS, 'developer', 'partner'];
export const MANAGERS: readonly Role[] = ['owner', 'partner_manager'];
export const OWNER: readonly Role[] = ['owner'];
/** Who may have a task; an owner decides only a money setting. */
export const DECIDERS: readonly Role[] = ['owner', 'partner_manager', 'reviewer', 'legal', 'finance', 'partner'];
/** Who makes links and webhooks. */
export const CONNECTORS: readonly Role[] = ['owner', 'partner_manager', 'developer'];
/** Who sends facts, and says whose pages may: whoever looks after partners credits nobody alone (decision 24). */
export const SENDERS: readonly Role[] = ['owner', 'developer'];
export const MONEY_READERS: readonly Role[] = ['owner', 'partner_manager', 'finance', 'auditor'];
export const MONEY_READERS_AND_PARTNER: readonly Role[] = [...MONEY_READERS, 'partner'];
