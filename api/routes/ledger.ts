import type { Route } from '../route.ts';

export const LEDGER_ROUTES: readonly Route[] = [];
