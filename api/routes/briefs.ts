import type { Route } from '../route.ts';

export const BRIEF_ROUTES: readonly Route[] = [];
