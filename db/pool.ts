import pg from 'pg';
import { safeSum } from './safe-sum.ts';

export type Pool = pg.Pool;

const INT8 = 20;
const NUMERIC = 1700;
const TIMESTAMPTZ = 1184;
const TIMESTAMP_ARRAY = 1185;

/**
 * Instants stay text (RFC 3339, UTC, microseconds as stored), because a JavaScript Date would cut them to milliseconds;
 * bigint becomes a number that is checked to be safe; numeric stays text.
 */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === INT8) return (text: string) => safeSum(Number(text), text);
      if (oid === NUMERIC) return (text: string) => text;
      if (oid === TIMESTAMPTZ) return toInstant;
      if (oid === TIMESTAMP_ARRAY)
        return (text: string) =>
          text
            .slice(1, -1)
            .split(',')
            .filter(Boolean)
            .map((part) => toInstant(part.replaceAll('"', '')));
    }
    return pg.types.getTypeParser(oid, format);
  }) as pg.CustomTypesConfig['getTypeParser'],
};

/** Postgres writes `2026-01-02 03:04:05.678901+00`; Tandem reads `2026-01-02T03:04:05.678901Z` (infinities stay as they are). */
function toInstant(text: string): string {
  return text.endsWith('infinity') ? text : `${text.replace(' ', 'T').replace(/\+00$/, '')}Z`;
}

export interface PoolOptions {
  url: string;
  /** Connections at most. */
  size?: number;
  applicationName?: string;
  /** The role to act as. Tests of the owner's powers pass `null`. */
  role?: string | null;
  /** A statement that runs longer is aborted. */
  statementTimeoutMs?: number;
}

/**
 * Opens a pool that acts as `tandem_app`, a role that is neither owner nor superuser, in UTC.
 * `client_connection_check_interval` frees the locks of a killed process within half a second.
 */
export function createPool(options: PoolOptions): Pool {
  const settings = [
    '-c timezone=UTC',
    '-c datestyle=ISO',
    '-c client_connection_check_interval=500',
    '-c idle_in_transaction_session_timeout=60000',
  ];
  const role = options.role === undefined ? 'tandem_app' : options.role;
  if (role !== null) settings.push(`-c role=${role}`);
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.size ?? 10,
    application_name: options.applicationName ?? 'tandem',
    options: settings.join(' '),
    statement_timeout: options.statementTimeoutMs ?? 120_000,
    types,
  });
  // An idle connection that the server ends must not end the process; the next query gets a new one.
  pool.on('error', () => undefined);
  return pool;
}
