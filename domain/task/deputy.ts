import { mayDecide } from './authority.ts';
import type { Authority, TaskAuthority } from './authority.ts';
import type { Role } from './kinds.ts';

/** A person with roles and links, and those they stand in for now. */
export interface PersonWhoDecides {
  personId: string;
  roles: readonly Role[];
  conflicts: readonly string[];
  standsInFor: readonly { personId: string; roles: readonly Role[]; conflicts: readonly string[] }[];
}

/**
 * Whether a person may decide, in their own role or for somebody they stand in for. In their own role four eyes counts those they stand in
 * for as well, so that nobody approves as themselves what they asked for as another. `countsAs` names whom the decision counts for.
 */
export function personMayDecide(person: PersonWhoDecides, task: TaskAuthority): Authority {
  const { personId, roles, conflicts } = person;
  const own = mayDecide({ kind: 'person', personId, roles, conflicts, standsInFor: null }, task);
  const stoodFor = person.standsInFor.map((other) =>
    mayDecide({ kind: 'person', personId, roles: [...roles, ...other.roles], conflicts, standsInFor: other }, task),
  );
  if (own.kind === 'allowed') {
    return stoodFor.find((verdict) => verdict.kind === 'refused' && verdict.code !== 'forbidden') ?? own;
  }
  const asDeputy = own.code === 'forbidden' ? stoodFor.find(({ kind }) => kind === 'allowed') : undefined;
  return asDeputy ?? own;
}
