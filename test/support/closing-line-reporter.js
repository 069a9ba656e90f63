/**
 * Prints the run's figures as its last line: `N passed, N failed`, alone, on standard output.
 * A file that could not run at all counts as one failure, and so does a run that was interrupted.
 */
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites + (results.wasInterrupted ? 1 : 0);
    if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
    process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`);
  }
}
