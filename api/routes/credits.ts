import type { Route } from '../route.ts';

export const CREDIT_ROUTES: readonly Route[] = [];
