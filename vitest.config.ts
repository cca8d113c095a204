/** Test settings: one global database server for the tests that need one, and bounds that fail a hanging test early. */
import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const globalDatabase = 'test/support/global-database.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts'],
    globalSetup: existsSync(globalDatabase) ? [globalDatabase] : [],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
    restoreMocks: true,
    // A person's own settings must not change what the tests see.
    env: { TZ: 'UTC' },
  },
});
