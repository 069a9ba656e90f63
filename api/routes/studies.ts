import type { Route } from '../route.ts';

export const STUDY_ROUTES: readonly Route[] = [];
