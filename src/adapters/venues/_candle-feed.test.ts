import { describe, expect, it } from 'vitest';
import { CANDLE_INTERVALS, type Candle } from '#core/market-data.ts';
import { handFedExchange } from '#test/support/hand-fed-exchange.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { CandleFeed, GRACE_MS } from './_candle-feed.ts';
import { candleKey } from './_market-dialect.ts';

const MINUTE = CANDLE_INTERVALS['1m'];
const START = 1_700_006_400_000;

const candle = (minute: number): Candle => ({ startAt: START + minute * MINUTE, open: '1', high: '2', low: '1', close: String(minute), volume: '3' });

/** A feed whose stream the test is, by the hand that reads frames; its connection never comes about. */
async function stage(isPushed = true) {
  const clock = new ManualClock(START + 10_000);
  const asked: (readonly [from: number, to: number])[] = [];
  const told: string[] = [];
  let history: readonly Candle[] = [];
  let isUp = true;
  const { exchange, push } = handFedExchange();
  const feed = new CandleFeed({
    name: 'candles',
    clock,
    log: quietLog(),
    open: async () => exchange,
    marketId: (symbol) => symbol,
    dialect: isPushed
      ? {
          url: () => 'ws://nowhere',
          subscribe: () => [],
          unsubscribe: () => [],
          read: (frame) => (frame === 'pong' ? [] : [{ key: candleKey('A/B', '1m'), news: frame as { readonly candle: Candle; readonly isClosed: boolean } }]),
          probe: 'ping',
        }
      : null,
    ask: async (_symbol, _interval, from, to) => {
      asked.push([(from - START) / MINUTE, Math.round(((to - START) / MINUTE) * 1000) / 1000]);
      if (!isUp) throw new Error('down');
      return history.filter(({ startAt }) => startAt >= from && startAt < to);
    },
    venueNow: async () => clock.now(),
  });
  const end = feed.watch('A/B', '1m', ({ close }) => told.push(close));
  await clock.advance(200);
  return {
    clock,
    asked,
    told,
    feed,
    end,
    push: async (minute: number, isClosed = true) => {
      push({ candle: candle(minute), isClosed });
      await settle();
    },
    has: (...minutes: number[]) => {
      history = minutes.map(candle);
    },
    down: (isDown: boolean) => {
      isUp = !isDown;
    },
  };
}

describe('the feed of closed candles', () => {
  it('tells what the stream calls closed at once, and asks for nothing', async () => {
    const { push, told, asked, clock } = await stage();
    await push(0, false);
    await push(0);
    await push(0);
    await push(1, false);
    await push(1);
    expect(told).toEqual(['0', '1']);
    await clock.advance(15_000);
    expect(asked).toEqual([]);
  });

  it('does not tell candles that closed before the watch began', async () => {
    const { push, told } = await stage();
    await push(-1);
    expect(told).toEqual([]);
  });

  it('asks for what lies between when the stream skips some, and tells all in sequence', async () => {
    const { push, told, asked, has } = await stage();
    has(0, 1, 2);
    await push(3);
    expect([told, asked]).toEqual([['0', '1', '2', '3'], [[0, 3]]]);
  });

  it('leaves a candle out that the venue does not have', async () => {
    const { push, told, has } = await stage();
    has(0, 2);
    await push(3);
    expect(told).toEqual(['0', '2', '3']);
  });

  it('asks a little after the end of a candle that the stream did not close', async () => {
    const { told, asked, has, clock } = await stage();
    has(0);
    await clock.advance(MINUTE - 10_200 + GRACE_MS - 1);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect([told, asked]).toEqual([['0'], [[0, 1.033]]]);
  });

  it('asks for every candle where the venue has no stream that closes them', async () => {
    const { told, has, clock } = await stage(false);
    has(0, 1, 3);
    await clock.advance(5 * MINUTE);
    expect(told).toEqual(['0', '1', '3']);
  });

  it('tries again while the venue does not answer, and skips nothing meanwhile', async () => {
    const { push, told, has, down, clock } = await stage();
    has(0, 1, 2, 3);
    down(true);
    await push(2);
    await push(3);
    expect(told).toEqual([]);
    down(false);
    await clock.advance(5_000);
    expect(told).toEqual(['0', '1', '2', '3']);
  });

  it('tells nothing after its end and leaves no timer behind', async () => {
    const { push, told, end, clock, feed } = await stage();
    end();
    await push(0);
    await clock.advance(3 * MINUTE);
    feed.close();
    expect([told, clock.waiting]).toEqual([[], 0]);
  });
});
