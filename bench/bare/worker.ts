import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { bareActivities } from './activities.ts';

// A process of its own, as Tandem's worker is: `tsx bench/bare/worker.ts <address> <task queue>`.
const [address, taskQueue] = process.argv.slice(2);
if (!address || !taskQueue) throw new Error('Give the address of Temporal and the task queue.');

const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  activities: bareActivities,
  workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)),
  maxCachedWorkflows: 400,
});
process.on('SIGTERM', () => worker.shutdown());
process.stdout.write('ready\n');
await worker.run();
await connection.close();
