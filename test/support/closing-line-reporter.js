import { writeSync } from 'node:fs';

/**
 * Prints the run's figures as its last line: `N passed, N failed`, alone, on standard output.
 * A file that could not run at all counts as one failure, and so does a run that was interrupted.
 */
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites + (results.wasInterrupted ? 1 : 0);
    const lines = [`${results.numPassedTests} passed, ${failed} failed`];
    if (skipped > 0) lines.unshift(`${skipped} skipped`);
    // Jest's own summary and the teardown still come after this call.
    process.once('exit', () => writeSync(1, `${lines.join('\n')}\n`));
  }
}
