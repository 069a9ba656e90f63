import type { Route } from '../route.ts';

export const STATEMENT_ROUTES: readonly Route[] = [];
