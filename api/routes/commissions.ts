import type { Route } from '../route.ts';

export const COMMISSION_ROUTES: readonly Route[] = [];
