/** Ends every run with why tests were skipped, and with one plain line: `N passed, N failed, N skipped`. */
import type { Reporter, TestModule } from 'vitest/node';

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tally = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const reasons = new Map<string, number>();
    for (const module of modules) {
      // a file that breaks before its first test must not look like a pass
      tally.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed' || result.state === 'failed') {
          tally[result.state] += 1;
          continue;
        }
        tally.skipped += 1;
        const reason = result.state === 'skipped' ? result.note : undefined;
        if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of reasons) process.stdout.write(`\n${count} skipped: ${reason}`);
    process.stdout.write(
      `\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`,
    );
  }
}
