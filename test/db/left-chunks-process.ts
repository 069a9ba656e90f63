import pg from 'pg';
import { deleteLeftChunks } from '../../db/import/broken-off.ts';
import { createPool } from '../../db/pool.ts';

// Deletes what is left of ended files and dies when it sends its n-th commit: url, program, chunks at once, n.
const [url = '', programId = '', atOnce = '1', lastCommit = '1'] = process.argv.slice(2);
let left = Number(lastCommit);
const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
  if (args[0] === 'commit' && (left -= 1) === 0) process.kill(process.pid, 'SIGKILL');
  return send.apply(this, args);
} as typeof pg.Client.prototype.query;

await deleteLeftChunks(createPool({ url }), programId, Number(atOnce));
