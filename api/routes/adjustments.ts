import type { Route } from '../route.ts';

export const ADJUSTMENT_ROUTES: readonly Route[] = [];
