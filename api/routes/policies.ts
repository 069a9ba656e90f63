import type { Route } from '../route.ts';

export const POLICY_ROUTES: readonly Route[] = [];
