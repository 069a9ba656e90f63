import type { Route } from '../route.ts';

export const PAYOUT_ROUTES: readonly Route[] = [];
