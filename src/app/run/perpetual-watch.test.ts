import { describe, expect, it } from 'vitest';
import type { FundingPayment, VenuePosition } from '#core/perpetual-ports.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { PerpetualWatch, WATCH_MS } from './perpetual-watch.ts';

const SYMBOL = 'BTC/USDT:USDT';
const STARTED_AT = 1_000_000;
const paid = (paymentId: string, at: number): FundingPayment => ({ paymentId, symbol: SYMBOL, asset: 'USDT', amount: '-1', rate: null, at });
const held = (size: string): VenuePosition => ({
  ...{ symbol: SYMBOL, size, entryPrice: '100', markPrice: '100', liquidationPrice: null, unrealisedProfit: '0', leverage: 1 },
  marginMode: 'isolated',
});

/** A watch on a clock that is turned by hand. */
function setUp() {
  const world = { payments: [] as FundingPayment[], size: '0.5', counted: '0.5', known: new Set<string>(), newestAt: null as number | null, isDown: false };
  const asked: number[] = [];
  const booked: string[] = [];
  const troubles: string[] = [];
  let due: (() => void) | null = null;
  const watch = new PerpetualWatch({
    session: {
      perpetual: {
        positions: async () => (world.size === '0' ? [held('3')].map((each) => ({ ...each, symbol: 'ETH/USDT:USDT' })) : [held(world.size)]),
        setLeverage: async () => undefined,
        fundingSince: async (_symbol, since) => {
          if (world.isDown) throw new Error('the venue is down');
          asked.push(since);
          return world.payments.filter(({ at }) => at >= since);
        },
      },
    },
    store: { funding: { known: async () => world.known, newestAt: async () => world.newestAt } },
    clock: {
      now: () => STARTED_AT,
      after: (_ms, callback) => {
        due = callback;
        return () => (due = null);
      },
    },
    log: quietLog(),
    ...{ accountId: 'a', symbol: SYMBOL, runId: 'r', startedAt: STARTED_AT },
    run: { onFunding: ({ paymentId }) => void booked.push(paymentId), positionSize: () => world.counted },
    onTrouble: (message) => void troubles.push(message),
  });
  const look = async (): Promise<void> => {
    const callback = due;
    due = null;
    callback?.();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  watch.start();
  return { world, watch, look, asked, booked, troubles, isDue: () => due !== null };
}

describe('the watch over a run on a perpetual', () => {
  it('hands over what is not booked yet, from the start of the run on', async () => {
    const { world, look, asked, booked } = setUp();
    world.payments = [paid('before', STARTED_AT - 1), paid('f1', STARTED_AT), paid('f2', STARTED_AT + 5)];
    world.known = new Set(['f1']);
    await look();
    expect([asked, booked]).toEqual([[STARTED_AT], ['f2']]);
  });

  it('asks again from an hour before the newest that is booked, and never from before the run', async () => {
    const { world, look, asked, booked } = setUp();
    world.newestAt = STARTED_AT + 60;
    world.payments = [paid('early', STARTED_AT - 5)];
    await look();
    world.newestAt = STARTED_AT + 7_200_000;
    await look();
    expect([asked, booked]).toEqual([[STARTED_AT, STARTED_AT + 3_600_000], []]);
  });

  it('goes on after a failure, and ends when it is closed', async () => {
    const { world, watch, look, booked, isDue } = setUp();
    world.isDown = true;
    world.payments = [paid('f1', STARTED_AT + 1)];
    await look();
    world.isDown = false;
    await look();
    expect([booked, isDue()]).toEqual([['f1'], true]);
    watch.close();
    await look();
    expect([booked, isDue(), WATCH_MS]).toEqual([['f1'], false, 60_000]);
  });

  it('tells once of a position that is not the one the run counts, when it stays so', async () => {
    const { world, look, troubles } = setUp();
    await look();
    world.size = '0';
    await look();
    await look();
    expect(troubles).toEqual([]);
    await look();
    await look();
    expect(troubles).toEqual([expect.stringContaining('the exchange shows a position of 0 in BTC/USDT:USDT, the bot counts 0.5')]);
    world.size = '0.50';
    await look();
    world.size = '0.4';
    for (let count = 0; count < 3; count += 1) await look();
    expect(troubles).toHaveLength(2);
  });
});
