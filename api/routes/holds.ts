import type { Route } from '../route.ts';

export const HOLD_ROUTES: readonly Route[] = [];
