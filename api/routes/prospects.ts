import type { Route } from '../route.ts';

export const PROSPECT_ROUTES: readonly Route[] = [];
