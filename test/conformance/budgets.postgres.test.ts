import { postgresBus } from '#adapters/bus/postgres.ts';
import { systemClock } from '#adapters/clock.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { budgetConformance } from './budgets.ts';

budgetConformance('PostgreSQL, in even parts', async () => {
  const database = await createTestDatabase();
  return {
    open: () => ({ bus: postgresBus({ url: database.url, clock: systemClock, log: quietLog() }), counter: null }),
    close: () => database.drop(),
  };
});
