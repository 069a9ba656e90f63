import type { Route } from '../route.ts';

export const REPORT_ROUTES: readonly Route[] = [];
