import type { Route } from '../route.ts';

export const FX_RATE_ROUTES: readonly Route[] = [];
