import type { Route } from '../route.ts';

export const PAYOUT_PROVIDER_ROUTES: readonly Route[] = [];
