import type { Route } from '../route.ts';

export const FIT_ROUTES: readonly Route[] = [];
