/** Funding settlements as they are read; they are written with the step of the run that counted them. */
import type { Store } from '#core/store/store.ts';
import type { Database } from './database.ts';

const KNOWN = {
  name: 'known_funding',
  text: 'select payment_id as "paymentId" from funding_payments where account_id = $1 and symbol = $2 and payment_id = any ($3::text[])',
};
const NEWEST = { name: 'newest_funding', text: 'select at from funding_payments where run_id = $1 and symbol = $2 order by at desc limit 1' };

export function fundingOf(database: Database): Store['funding'] {
  return {
    known: async (accountId, symbol, paymentIds) => {
      const rows = await database.rows<{ paymentId: string }>(KNOWN, [accountId, symbol, paymentIds]);
      return new Set(rows.map((row) => row.paymentId));
    },
    newestAt: async (runId, symbol) => (await database.row<{ at: number }>(NEWEST, [runId, symbol]))?.at ?? null,
  };
}
