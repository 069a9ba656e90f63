import type { Route } from '../route.ts';

export const DOSSIER_ROUTES: readonly Route[] = [];
