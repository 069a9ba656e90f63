import type { Access } from '../../stack/seed/access.ts';
import { createApiClient } from './client.ts';
import type { ApiClient } from './client.ts';

/** The seeded team, each person speaking with a key of their own. */
export interface Team {
  access: Access;
  owner: ApiClient;
  manager: ApiClient;
  secondManager: ApiClient;
  reviewer: ApiClient;
  legal: ApiClient;
  finance: ApiClient;
  secondFinance: ApiClient;
  auditor: ApiClient;
  developer: ApiClient;
}

/** @throws Error that names the role that nobody has */
export function createTeam(access: Access): Team {
  const as = (role: string, which = 0) => {
    const person = access.people.filter((one) => one.role === role)[which];
    if (!person)
      throw new Error(`The stack has no person number ${which + 1} with the role ${role}. Start it with --reset.`);
    return createApiClient(access.baseUrl, person.apiKey);
  };
  return {
    access,
    owner: createApiClient(access.baseUrl, access.apiKey),
    manager: as('partner_manager'),
    secondManager: as('partner_manager', 1),
    reviewer: as('reviewer'),
    legal: as('legal'),
    finance: as('finance'),
    secondFinance: as('finance', 1),
    auditor: as('auditor'),
    developer: as('developer'),
  };
}
