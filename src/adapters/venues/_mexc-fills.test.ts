import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreadableAnswer } from './_fields.ts';
import { fillsOf, fillsSince } from './_mexc-fills.ts';
import type { Ask } from './_request.ts';

const NOW = 1_800_000_000_000;
const PAGE = 100;

interface Trade {
  readonly id: string;
  readonly at: number;
}

/** A list as the venue may tell it: whole seconds in the rows, a window in milliseconds or seconds, either sequence. */
function venue(
  trades: readonly Trade[],
  habits: { readonly isNewestFirst: boolean; readonly step: 1 | 1000 },
): { readonly ask: (ask: Ask) => Promise<unknown>; readonly asked: () => number } {
  let asked = 0;
  const sorted = [...trades].sort((one, other) => one.at - other.at);
  const ask = ({ params }: Ask): Promise<unknown> => {
    asked += 1;
    const [from, to] = [Number(params['startTime'] ?? 0), Number(params['endTime'] ?? Number.MAX_SAFE_INTEGER)];
    const within = sorted.filter(({ at }) => Math.floor(at / habits.step) * habits.step >= from && Math.floor(at / habits.step) * habits.step <= to);
    const page = habits.isNewestFirst ? within.slice(-PAGE).reverse() : within.slice(0, PAGE);
    return Promise.resolve(page.map(row));
  };
  return { ask, asked: () => asked };
}

function row({ id, at }: Trade): Readonly<Record<string, unknown>> {
  const amounts = { price: '1', qty: '1', commission: '0', commissionAsset: 'USDT' };
  return { id, orderId: 'C02__1', ...amounts, time: String(Math.floor(at / 1000) * 1000), isBuyer: true, isMaker: false, clientOrderId: null };
}

function numbered(times: readonly number[]): readonly Trade[] {
  return times.map((at, index) => ({ id: `${index + 1}X1`, at }));
}

describe('executions at MEXC', () => {
  it('are told completely, whatever their times and however the venue lists them', async () => {
    const seconds = fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        seconds,
        fc.integer({ min: 1, max: 90 }),
        fc.boolean(),
        fc.constantFrom(1 as const, 1000 as const),
        async (starts, each, isNewestFirst, step) => {
          // Never a whole page within one second: beyond that the venue itself cannot tell.
          const times = [...new Set(starts)].flatMap((start) => Array.from({ length: each }, (_, index) => NOW - start * 1000 - 999 + index * 11));
          const trades = numbered(times);
          const told = await fillsSince(venue(trades, { isNewestFirst, step }).ask, 'BTCUSDT', 'BTC/USDT', NOW - 200_000, NOW);
          expect(told.map(({ tradeId }) => tradeId).sort()).toEqual(trades.map(({ id }) => id).sort());
          expect(told.every(({ at }, index) => at >= (told[index - 1]?.at ?? 0))).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('cost about one request a page when listed newest first', async () => {
    const trades = numbered(Array.from({ length: 2_000 }, (_, index) => NOW - index * 100));
    const { ask, asked } = venue(trades, { isNewestFirst: true, step: 1 });
    expect(await fillsSince(ask, 'BTCUSDT', 'BTC/USDT', NOW - 1_000_000, NOW)).toHaveLength(2_000);
    expect(asked()).toBeLessThan(26);
  });

  it('fail rather than be incomplete when a page holds less than a millisecond', async () => {
    const trades = numbered(Array.from({ length: 150 }, () => NOW - 5_000));
    await expect(fillsSince(venue(trades, { isNewestFirst: true, step: 1 }).ask, 'BTCUSDT', 'BTC/USDT', NOW - 60_000, NOW)).rejects.toThrow(UnreadableAnswer);
  });

  it('are asked for no further back than the venue remembers', async () => {
    const asks: Ask[] = [];
    const ask = (each: Ask): Promise<unknown> => {
      asks.push(each);
      return Promise.resolve([]);
    };
    await fillsSince(ask, 'BTCUSDT', 'BTC/USDT', 0, NOW);
    expect(NOW - Number(asks[0]?.params['startTime'])).toBe(30 * 86_400_000 - 60_000);
    expect(Number(asks[0]?.params['endTime'])).toBe(NOW + 60_000);
  });

  it('of one order are told beyond its first page', async () => {
    const trades = numbered(Array.from({ length: 250 }, (_, index) => NOW - index * 50));
    const { ask } = venue(trades, { isNewestFirst: true, step: 1 });
    expect(await fillsOf(ask, 'BTCUSDT', 'BTC/USDT', 'C02__1')).toHaveLength(250);
  });
});
