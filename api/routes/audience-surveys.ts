import type { Route } from '../route.ts';

export const SURVEY_ROUTES: readonly Route[] = [];
