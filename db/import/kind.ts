export const IMPORT_KINDS = ['partners', 'touchpoints', 'conversions', 'refunds', 'journeys'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];
export type ImportFormat = 'csv' | 'ndjson';
