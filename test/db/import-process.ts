import { takeChunk } from '../../db/import/take-chunk.ts';
import { createPool } from '../../db/pool.ts';

// Takes an import in until it is killed: url, program, import.
const [url = '', programId = '', importId = ''] = process.argv.slice(2);
const pool = createPool({ url });
process.send?.('ready');
while ((await takeChunk(pool, programId, importId)).state === 'running') continue;
await pool.end();
process.disconnect?.();
