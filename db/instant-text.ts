/**
 * SQL for an instant inside a JSON value, in the one form that instants of columns have (`db/pool.ts`): RFC 3339, UTC, no zeros at the end.
 * @param instant an expression of type timestamptz; the session's zone is UTC
 */
export const instantText = (instant: string): string => `replace(to_json(${instant}) #>> '{}', '+00:00', 'Z')`;
