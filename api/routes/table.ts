import type { Route } from '../route.ts';
import { API_KEY_ROUTES } from './api-keys.ts';
import { ME_ROUTES } from './me.ts';
import { PEOPLE_ROUTES } from './people.ts';
import { PROGRAM_ROUTES } from './program.ts';
import { SIGN_IN_ROUTES } from './sign-in.ts';
import { SYSTEM_ROUTES } from './system.ts';
import { WEBHOOK_ROUTES } from './webhooks.ts';

/** Every route of the API with the roles that may call it. What does not stand here does not exist. */
export const ROUTES: readonly Route[] = [
  ...SYSTEM_ROUTES,
  ...SIGN_IN_ROUTES,
  ...ME_ROUTES,
  ...PROGRAM_ROUTES,
  ...PEOPLE_ROUTES,
  ...API_KEY_ROUTES,
  ...WEBHOOK_ROUTES,
];
