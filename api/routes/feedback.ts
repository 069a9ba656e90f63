import type { Route } from '../route.ts';

export const FEEDBACK_ROUTES: readonly Route[] = [];
