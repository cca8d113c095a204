import { expect, it, onTestFinished } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { Store } from '#core/store/store.ts';
import type { TradingSession, VenueFill } from '#core/venue-ports.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { OrderDesk } from './order-desk.ts';
import type { OrderHolder } from './order-holder.ts';
import { RECONCILE_SOON_MS } from './reconcile-rounds.ts';

const SYMBOL = 'BTC/USDT';

it('asks the venue nothing while the database is away, and goes on a second after its return', async () => {
  const clock = new ManualClock();
  const lines: KeptLine[] = [];
  const asked: string[] = [];
  const away = (): Promise<never> => Promise.reject(new PortError('store_unavailable', 'the database cannot be reached', { outcome: 'failed' }));
  let isAway = true;
  const fill = { tradeId: 't', venueOrderId: 'v', clientOrderId: null, symbol: SYMBOL, at: clock.now() } as VenueFill;
  const session = {
    openOrders: async () => {
      asked.push('open');
      return [];
    },
    fillsSince: async () => {
      asked.push('fills');
      return [fill];
    },
    clockOffsetMs: async () => 0,
    close: async () => undefined,
  } as unknown as TradingSession;
  const store = {
    ping: () => (isAway ? away() : Promise.resolve()),
    fills: { known: () => (isAway ? away() : Promise.resolve(new Set(['t']))) },
  } as unknown as Store;
  const capabilities = { requestWindowMs: 5_000, absenceMarginMs: 0 } as never;
  const desk = new OrderDesk({ session, store, clock, log: quietLog(lines), capabilities, accountId: 'a', installation: 1, onTrouble: () => undefined });
  onTestFinished(() => desk.close());
  const holder = { symbols: new Set([SYMBOL]), alive: () => [], knowsTrade: () => false, clientOrderIdOf: async () => null } as unknown as OrderHolder;
  desk.join('bot:1', holder);
  await clock.advance(0);
  expect(asked).toEqual(['open', 'fills']);
  await clock.advance(20 * RECONCILE_SOON_MS);
  expect(asked).toEqual(['open', 'fills']);
  expect(new Set(lines.map(({ message }) => message))).toEqual(new Set(['reconciliation waits for the database']));
  isAway = false;
  await clock.advance(RECONCILE_SOON_MS);
  expect(asked).toEqual(['open', 'fills', 'open', 'fills']);
  expect(desk.standing()).toEqual({ lagMs: 0, inDoubt: 0 });
});
