/** Test settings: one global database server for the tests that need one, and bounds that fail a hanging test early. */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { PATIENCE_MS } from './test/support/until.ts';

const RUNTIME_NODE = 26;
if (Number(process.versions.node.split('.')[0]) < RUNTIME_NODE)
  throw new Error(`tests run on Node ${RUNTIME_NODE} and this is ${process.versions.node}: use npm test -- <path>, or put node_modules/.bin first on PATH`);

/** Those that take ten seconds and more: one of them begun last would have the whole run wait for it alone. */
const LONG =
  /test\/(operations|sandbox|telegram|notices|simulation|topology)\/|embedded\/server|conformance\/(venue|jobs)\.|e2e\/(live|two|five|signal-bots|api-backtests|api-own)|laws|property/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(({ moduleId }) => LONG.test(moduleId)), ...sorted.filter(({ moduleId }) => !LONG.test(moduleId))];
  }
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts'],
    globalSetup: ['test/support/global-directory.ts', 'test/support/global-database.ts'],
    testTimeout: 2 * PATIENCE_MS,
    hookTimeout: 2 * PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS, interval: 10 } },
    pool: 'forks',
    // A file computes for a tenth to a third of its time and waits for databases, sockets and processes for the rest.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    // Sources are run by Node as the product runs them; a second machinery to load them would only take its time.
    experimental: { viteModuleRunner: false },
    restoreMocks: true,
    // A person's own settings must not change what the tests see.
    env: { TZ: 'UTC' },
  },
});
