import { createContractSignatureActivities } from '../../activities/contract-signature.ts';
import type { SignatureStep } from '../../activities/contract-signature.ts';
import { taskQueues } from '../../activities/deps.ts';
import { startLateSettlements } from '../../activities/late-settlement.ts';
import { createPool } from '../../db/pool.ts';
import { createLogger } from '../../runtime/log.ts';
import { readConfig, requireSetting } from '../../runtime/config.ts';
import { createTemporalClient } from '../../runtime/temporal.ts';

// One activity in a process of its own, which a test kills in the middle.
const [, , what, argument] = process.argv;
const config = readConfig();
const deps = {
  pool: createPool({ url: requireSetting(config, 'DATABASE_URL'), applicationName: 'cut-short' }),
  client: createTemporalClient(config),
  log: createLogger('worker'),
  publicUrl: 'https://acme.example',
  taskQueues: taskQueues(config.TASK_QUEUE_PREFIX),
  providers: {},
};
const step = JSON.parse(argument ?? '{}') as SignatureStep;
if (what === 'sign') await createContractSignatureActivities(deps).signContract(step);
else await startLateSettlements(deps, step.programId);
process.send?.({ isDone: true });
