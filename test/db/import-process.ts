import { takeImport } from '../../db/import/take-import.ts';
import { createPool } from '../../db/pool.ts';

// Takes an import in until it is killed: url, program, import.
const [url = '', programId = '', importId = ''] = process.argv.slice(2);
const pool = createPool({ url });
process.send?.('ready');
await takeImport(pool, programId, importId);
await pool.end();
process.disconnect?.();
