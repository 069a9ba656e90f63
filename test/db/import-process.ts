import pg from 'pg';
import { takeImport } from '../../db/import/take-import.ts';
import { createPool } from '../../db/pool.ts';

// Takes an import in and dies a moment after its n-th statement was sent, wherever that is: url, program, import, n (0: never).
const [url = '', programId = '', importId = '', lastStatement = '0'] = process.argv.slice(2);
let left = Number(lastStatement);
const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
  left -= 1;
  if (left === 0) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 2);
  return send.apply(this, args);
} as typeof pg.Client.prototype.query;

const pool = createPool({ url });
await takeImport(pool, programId, importId);
await pool.end();
process.disconnect?.();
