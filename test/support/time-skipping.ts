import { TestWorkflowEnvironment } from '@temporalio/testing';
import { readBinarySettings } from '../../runtime/config.ts';
import { registerSearchAttributes } from '../../worker/search-attributes.ts';
import { resolveTemporalBinary } from '../../runtime/embedded/temporal-binary.ts';

/**
 * A time-skipping server of its own for one test file (0.2 s). Its clock is global: one workflow under test at a time.
 * Waiting on `client.workflow.execute` or `handle.result()` of the environment's own client is what lets time run.
 * Call `teardown()` in `afterAll`.
 */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const { path } = await resolveTemporalBinary({ kind: 'test-server', ...readBinarySettings('test-server') });
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  await registerSearchAttributes(environment.connection, environment.namespace ?? 'default');
  return environment;
}
