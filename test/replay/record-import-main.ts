import { newId } from '../../db/ids.ts';
import { uploadImport } from '../../db/import/upload.ts';
import { startServers } from '../support/servers.ts';
import { Programme } from '../workflows/money/programme.ts';
import { MoneyStage } from '../workflows/money/stage.ts';
import { recordRun } from './record.ts';

// Records an import on servers of its own. Run it as record-main.ts: only when a change is meant to break running workflows.
const servers = await startServers();
const stage = await MoneyStage.open();
const { client } = stage.environment;
const { programId } = await Programme.open(stage);
const importId = newId('import');
const about = { id: importId, kind: 'journeys' as const, format: 'csv' as const, by: { kind: 'system' as const } };
async function* file() {
  yield Buffer.from('path,conversions,value,nulls\na|b,1,10,2\n');
}
await uploadImport(stage.pool, programId, about, file());
await client.workflow.execute('bulkImport', {
  workflowId: 'import/recorded',
  taskQueue: 'money-test',
  args: [{ programId, importId }],
});
await recordRun(client, 'bulkImport', 'import/recorded');
console.log('Recorded: bulkImport');
await stage.close();
await servers.stop();
