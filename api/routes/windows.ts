import type { Route } from '../route.ts';

export const WINDOW_ROUTES: readonly Route[] = [];
