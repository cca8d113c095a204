import { describe, expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import { CANDLE_INTERVALS, type Candle } from '#core/market-data.ts';
import type { Quote, Venue } from '#core/venue-ports.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { QUOTES_ONLY } from '#test/support/quotes-only.ts';
import { Feeds } from './feeds.ts';
import { LATE_MS, MAX_PAST_BARS } from './live-bars.ts';

const MINUTE = CANDLE_INTERVALS['1m'];
const START = 1_700_006_400_000;

const bar = (minute: number): Candle => ({ startAt: START + minute * MINUTE, open: '1', high: '2', low: '1', close: String(minute), volume: '3' });

const NO_PAST = { since: null, warmUp: 0 };

/** A market whose history and stream the test writes. */
function market() {
  const clock = new ManualClock(START + 10 * MINUTE);
  const stage = {
    clock,
    feeds: new Feeds({ clock, log: quietLog() }),
    history: [] as Candle[],
    asked: [] as (readonly [from: number, to: number])[],
    isUp: true,
    watches: 0,
    onCandle: (_candle: Candle): void => undefined,
    onQuote: (_quote: Quote): void => undefined,
    venue: null as unknown as Venue,
  };
  const watch = (): (() => void) => {
    stage.watches += 1;
    return () => (stage.watches -= 1);
  };
  const data = {
    ...QUOTES_ONLY,
    candles: async (_symbol: string, _interval: string, from: number, to: number) => {
      stage.asked.push([(from - START) / MINUTE, (to - START) / MINUTE]);
      if (!stage.isUp) throw new PortError('venue_unavailable', 'down', { outcome: 'failed' });
      return stage.history.filter(({ startAt }) => startAt >= from && startAt < to);
    },
    watchCandles: (_symbol: string, _interval: string, onCandle: (candle: Candle) => void) => {
      stage.onCandle = onCandle;
      return watch();
    },
    watchQuotes: (_symbol: string, onQuote: (quote: Quote) => void) => {
      stage.onQuote = onQuote;
      return watch();
    },
  };
  stage.venue = { id: 'made-up', market: data } as unknown as Venue;
  return stage;
}

describe('the feed of closed bars', () => {
  it('gives one subscription to everybody, and ends it with the last', () => {
    const stage = market();
    const { feeds, venue } = stage;
    const seen: string[] = [];
    const leaves = ['one', 'other'].map((name) => feeds.subscribeBars(venue, 'BTC/USDT', '1m', NO_PAST, ({ close }) => seen.push(`${name} ${close}`)));
    stage.onCandle(bar(9));
    expect(seen).toEqual(['one 9', 'other 9']);
    expect(stage.watches).toBe(1);
    expect(feeds.report()).toEqual([{ venue: 'made-up', symbol: 'BTC/USDT', kind: 'bars 1m', listeners: 2, ageMs: 0, values: 1, dropped: 0 }]);
    for (const leave of leaves) leave();
    expect([feeds.report(), stage.watches, stage.asked]).toEqual([[], 0, []]);
  });

  it('tells who has missed bars of these first, then of what closed meanwhile, each once and in sequence', async () => {
    const stage = market();
    stage.history = [4, 5, 6, 8, 9].map(bar);
    const seen: string[] = [];
    stage.feeds.subscribeBars(stage.venue, 'BTC/USDT', '1m', { since: START + 5 * MINUTE, warmUp: 0 }, ({ close }) => seen.push(close));
    stage.onCandle(bar(9));
    stage.onCandle(bar(10));
    expect(seen, 'not before what is missing').toEqual([]);
    await settle();
    expect(seen, 'a gap stays a gap').toEqual(['5', '6', '8', '9', '10']);
    stage.onCandle(bar(10));
    stage.onCandle(bar(11));
    expect(seen).toEqual(['5', '6', '8', '9', '10', '11']);
  });

  it('holds bars back until those before are here, however long the venue does not answer', async () => {
    const stage = market();
    stage.history = [bar(8)];
    stage.isUp = false;
    const seen: string[] = [];
    stage.feeds.subscribeBars(stage.venue, 'BTC/USDT', '1m', { since: START + 8 * MINUTE, warmUp: 0 }, ({ close }) => seen.push(close));
    await stage.clock.advance(12_000);
    stage.onCandle(bar(9));
    expect([seen, stage.asked.length]).toEqual([[], 3]);
    stage.isUp = true;
    await stage.clock.advance(5_000);
    expect(seen).toEqual(['8', '9']);
  });

  it('tells who begins as many closed bars as warm it up, all of them history', async () => {
    const stage = market();
    stage.history = [5, 6, 7, 8, 9].map(bar);
    const seen: string[] = [];
    stage.feeds.subscribeBars(stage.venue, 'BTC/USDT', '1m', { since: null, warmUp: 3 }, ({ close }, isHistory) => seen.push(`${close} ${isHistory}`));
    await settle();
    stage.onCandle(bar(10));
    expect(seen).toEqual(['7 true', '8 true', '9 true', '10 false']);
    await stage.clock.advance(2 * MINUTE);
    stage.onCandle(bar(11));
    expect(seen.at(-1)).toBe('11 false');
  });

  it('takes what closed a moment before a run changed hands for news, and what closed longer ago for history', async () => {
    const stage = market();
    stage.history = [7, 8, 9].map(bar);
    const seen: string[] = [];
    const since = START + 7 * MINUTE;
    stage.feeds.subscribeBars(stage.venue, 'BTC/USDT', '1m', { since, warmUp: 50 }, ({ close }, isHistory) => seen.push(`${close} ${isHistory}`));
    await settle();
    expect([LATE_MS, seen]).toEqual([MINUTE, ['7 true', '8 true', '9 false']]);
  });

  it('leaves out what was missed too long ago', async () => {
    const stage = market();
    stage.feeds.subscribeBars(stage.venue, 'BTC/USDT', '1m', { since: START - 10_000 * MINUTE, warmUp: 0 }, () => undefined);
    await settle();
    expect(stage.asked).toEqual([[10 - MAX_PAST_BARS, 11]]);
  });

  it('tells nobody who has left, not even of what is fetched for them', async () => {
    const stage = market();
    stage.history = [bar(8)];
    const seen: string[] = [];
    const leave = stage.feeds.subscribeBars(stage.venue, 'BTC/USDT', '1m', { since: START, warmUp: 0 }, ({ close }) => seen.push(close));
    leave();
    await settle();
    expect([seen, stage.watches, stage.clock.waiting]).toEqual([[], 0, 0]);
  });
});

describe('the feed of quotes', () => {
  it('keeps the newest for who comes later, knows its age and counts what was overtaken', async () => {
    const stage = market();
    const quote = (bid: string): Quote => ({ symbol: 'BTC/USDT', bid, ask: '9', at: stage.clock.now() });
    const seen: string[] = [];
    stage.feeds.subscribe(stage.venue, 'BTC/USDT', ({ bid }) => seen.push(bid) > 2);
    for (const bid of ['1', '2', '3']) stage.onQuote(quote(bid));
    stage.feeds.subscribe(stage.venue, 'BTC/USDT', ({ bid }) => seen.push(`late ${bid}`) < 0);
    await stage.clock.advance(700);
    expect(seen).toEqual(['1', '2', '3', 'late 3']);
    expect(stage.feeds.report()).toEqual([{ venue: 'made-up', symbol: 'BTC/USDT', kind: 'quotes', listeners: 2, ageMs: 700, values: 3, dropped: 1 }]);
    expect(stage.watches).toBe(1);
    stage.feeds.close();
    expect(stage.watches).toBe(0);
  });
});
