import type { Route } from '../route.ts';

export const CONVERSION_READ_ROUTES: readonly Route[] = [];
