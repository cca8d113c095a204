/** Downloads against a venue that answers badly in every way, on a real disk and a clock that stands still. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { diskHistory } from '#adapters/history/disk.ts';
import { PortError } from '#core/errors.ts';
import type { CandleHistory, Series } from '#core/history.ts';
import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '#core/market-data.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type DownloadProgress, downloadCandles, YOUNG_MS } from './download.ts';
import { MAX_ASKS_A_PAGE } from './fetch-candles.ts';
import { MAX_PAUSE_MS, MAX_TRIES, type Stop } from './patient-asking.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const SERIES: Series = { venue: 'binance', symbol: 'BTC/USDT', interval: '1m' };
const BEGIN = Date.UTC(2026, 0, 31, 12);
/** Minutes until a batch ends because its month does. */
const TO_FEBRUARY = 720;
const NOW = BEGIN + 2 * DAY + 30_000;

type Answer = (candles: readonly Candle[], asked: { readonly from: number; readonly to: number }) => readonly Candle[];

/** Candles of every minute but those it lacks; each answer may be spoilt on its way. */
class Venue {
  readonly lacks: (at: number) => boolean;
  readonly asked: { readonly interval: CandleInterval; readonly from: number; readonly to: number }[] = [];
  /** What happens to the answers, one after the other; the last holds on. */
  answers: Answer[] = [(candles) => candles];

  constructor(lacks: (at: number) => boolean = () => false) {
    this.lacks = lacks;
  }

  async candles(_symbol: string, interval: CandleInterval, from: number, to: number): Promise<readonly Candle[]> {
    this.asked.push({ interval, from, to });
    const step = CANDLE_INTERVALS[interval];
    const candles: Candle[] = [];
    for (let at = Math.ceil(from / step) * step; at < to && at + step <= NOW; at += step) if (!this.lacks(at)) candles.push(candleAt(at));
    const [answer = (all) => all] = this.answers.length > 1 ? this.answers.splice(0, 1) : this.answers;
    return answer(candles, { from, to });
  }
}

function candleAt(startAt: number): Candle {
  const price = 100 + ((startAt / MINUTE) % 50);
  return { startAt, open: `${price}.1`, high: `${price + 1}`, low: `${price}`, close: `${price}.5`, volume: '3.25' };
}

let directory: string;
let history: CandleHistory;
let clock: ManualClock;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'argosy-download-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  history = diskHistory(directory);
  clock = new ManualClock(NOW);
});

function download(
  market: Venue,
  span: { readonly from: number; readonly to: number },
  more: { readonly stop?: Stop; readonly onProgress?: (progress: DownloadProgress) => void } = {},
) {
  return downloadCandles(SERIES, span, { market, history, clock, log: quietLog(), ...more });
}

async function kept(): Promise<readonly number[]> {
  return [...(await history.read(SERIES, { from: 0, to: NOW })).startAt];
}

function minutes(from: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => from + index * MINUTE);
}

describe('a download', () => {
  it('brings every candle of the span, over the end of a month, exactly as the venue told it', async () => {
    const venue = new Venue();
    expect(await download(venue, { from: BEGIN, to: BEGIN + DAY })).toEqual({ added: 1440, holes: 0, refused: [], isStopped: false });
    expect(await kept()).toEqual(minutes(BEGIN, 1440));
    const { open, high, low, close, volume } = await history.read(SERIES, { from: BEGIN, to: BEGIN + MINUTE });
    expect([open[0], high[0], low[0], close[0], volume[0]]).toEqual(Object.values(candleAt(BEGIN)).slice(1).map(Number));
  });

  it('asks for nothing that is there, and only for what is missing between', async () => {
    const venue = new Venue();
    await download(venue, { from: BEGIN, to: BEGIN + 100 * MINUTE });
    await download(venue, { from: BEGIN + 200 * MINUTE, to: BEGIN + 300 * MINUTE });
    venue.asked.length = 0;
    expect(await download(venue, { from: BEGIN, to: BEGIN + 300 * MINUTE })).toMatchObject({ added: 100 });
    expect(venue.asked).toEqual([{ interval: '1m', from: BEGIN + 100 * MINUTE, to: BEGIN + 200 * MINUTE }]);
    await download(venue, { from: BEGIN, to: BEGIN + 300 * MINUTE });
    expect(venue.asked).toHaveLength(1);
  });

  it('never keeps the candle that is not over, whatever the venue tells', async () => {
    const venue = new Venue();
    const present = Math.floor(NOW / MINUTE) * MINUTE;
    venue.answers = [(candles) => [...candles, candleAt(present), candleAt(present + MINUTE)]];
    await download(venue, { from: present - 5 * MINUTE, to: NOW + DAY });
    expect(await kept()).toEqual(minutes(present - 5 * MINUTE, 5));
  });

  it('tells how far it is, to the end', async () => {
    const told: DownloadProgress[] = [];
    await download(new Venue(), { from: BEGIN, to: BEGIN + 2500 * MINUTE }, { onProgress: (progress) => told.push(progress) });
    expect(told.map(({ done }) => done)).toEqual([...told.map(({ done }) => done)].sort((one, other) => one - other));
    expect(told.at(-1)).toEqual({ done: 2500, total: 2500, added: 2500 });
    expect(told.length).toBeGreaterThan(3);
  });

  it('refuses a span that ends before it begins, and an interval that venues do not have', async () => {
    await expect(download(new Venue(), { from: BEGIN, to: BEGIN })).rejects.toMatchObject({ code: 'validation_failed', issues: [{ field: 'from' }] });
    const threeMinutes = downloadCandles({ ...SERIES, interval: '3m' }, { from: 0, to: 1 }, { market: new Venue(), history, clock, log: quietLog() });
    await expect(threeMinutes).rejects.toThrow('candles of 3m cannot be downloaded, only imported; choose one of 1m, 5m, 15m, 30m, 1h, 4h, 1d');
  });
});

describe('what the venue does not have', () => {
  const isHole = (at: number): boolean => at >= BEGIN + 30 * MINUTE && at < BEGIN + 45 * MINUTE;

  it('is asked for once more, noted, and not asked for again', async () => {
    const venue = new Venue(isHole);
    expect(await download(venue, { from: BEGIN, to: BEGIN + 100 * MINUTE })).toMatchObject({ added: 85, holes: 15 });
    expect(venue.asked).toEqual([
      { interval: '1m', from: BEGIN, to: BEGIN + 100 * MINUTE },
      { interval: '1m', from: BEGIN + 30 * MINUTE, to: BEGIN + 45 * MINUTE },
    ]);
    expect(await download(venue, { from: BEGIN, to: BEGIN + 100 * MINUTE })).toMatchObject({ added: 0, holes: 15 });
    expect(venue.asked).toHaveLength(2);
  });

  it('is asked for again when its time is so near that it may still come', async () => {
    const end = Math.floor(NOW / MINUTE) * MINUTE;
    const venue = new Venue((at) => at >= end - 3 * MINUTE);
    expect(await download(venue, { from: end - 10 * MINUTE, to: end })).toMatchObject({ added: 7, holes: 0 });
    const later = new Venue();
    expect(await download(later, { from: end - 10 * MINUTE, to: end })).toMatchObject({ added: 3 });
    expect(later.asked).toEqual([{ interval: '1m', from: end - 3 * MINUTE, to: end }]);
    expect(3 * MINUTE).toBeLessThan(YOUNG_MS);
  });

  it('from before its listing is found by days, and not asked for minute by minute', async () => {
    const listedAt = BEGIN + DAY / 2;
    const venue = new Venue((at) => at < listedAt);
    expect(await download(venue, { from: listedAt - 400 * DAY, to: listedAt + 100 * MINUTE })).toMatchObject({ added: 100, holes: 400 * 1440 });
    expect(venue.asked.length).toBeLessThan(10);
    expect(venue.asked[0]).toMatchObject({ interval: '1d' });
  });

  it('is not taken from days alone: where minutes are, they are asked for', async () => {
    const venue = new Venue();
    venue.answers = [() => [], (candles) => candles];
    expect(await download(venue, { from: BEGIN - 10 * DAY, to: BEGIN })).toMatchObject({ added: 14_400, holes: 0 });
  });
});

describe('a venue that answers badly', () => {
  const span = { from: BEGIN, to: BEGIN + 1500 * MINUTE };
  const whole = minutes(BEGIN, 1500);
  const cases: readonly (readonly [string, Answer[]])[] = [
    ['with an empty page', [() => [], (candles) => candles]],
    ['with an empty page in between', [(candles) => candles, () => [], (candles) => candles]],
    ['twice with the same page', [(candles) => [...candles, ...candles]]],
    ['with the page before', [(candles) => candles, () => minutes(BEGIN, 1000).map(candleAt), (candles) => candles]],
    ['in disorder', [(candles) => candles.toReversed()]],
    [
      'with more than was asked for',
      [(candles, { from, to }) => [...minutes(from - 30 * MINUTE, 30).map(candleAt), ...candles, ...minutes(to, 30).map(candleAt)]],
    ],
    ['with fewer than were asked for, from the front', [(candles) => candles.slice(0, 200)]],
    ['with fewer than were asked for, from the end', [(candles) => candles.slice(-200)]],
    ['with holes that it fills when asked for', [(candles) => candles.filter(({ startAt }) => (startAt / MINUTE) % 7 !== 0), (candles) => candles]],
  ];
  it.each(cases)('%s gives every candle once all the same', async (_name, answers) => {
    const venue = new Venue();
    venue.answers = answers;
    expect(await download(venue, span)).toMatchObject({ added: 1500, holes: 0 });
    expect(await kept()).toEqual(whole);
  });

  it('one candle at a time is asked a number of times, and the rest is left for later and is no hole', async () => {
    const venue = new Venue();
    venue.answers = [(candles) => candles.slice(0, 1)];
    expect(await download(venue, { from: BEGIN, to: BEGIN + 100 * MINUTE })).toMatchObject({ added: MAX_ASKS_A_PAGE, holes: 0 });
    expect(venue.asked).toHaveLength(MAX_ASKS_A_PAGE);
    expect(await download(new Venue(), { from: BEGIN, to: BEGIN + 100 * MINUTE })).toMatchObject({ added: 100 - MAX_ASKS_A_PAGE });
  });

  it.each([
    ['a price of zero', { low: '0' }, 'low 0 is not above zero'],
    ['no number', { close: 'NaN' }, 'close is no number'],
    ['a high below its low', { high: '1' }, /^high 1 is below low/],
    ['a negative volume', { volume: '-1' }, 'volume -1 is not zero or more'],
  ])('with %s has that candle refused, named and left out', async (_name, wrong, problem) => {
    const venue = new Venue();
    venue.answers = [(candles) => candles.map((candle) => (candle.startAt === BEGIN + 5 * MINUTE ? { ...candle, ...wrong } : candle))];
    const report = await download(venue, { from: BEGIN, to: BEGIN + 10 * MINUTE });
    expect(report).toMatchObject({
      added: 9,
      holes: 1,
      refused: [{ startAt: BEGIN + 5 * MINUTE, problem: typeof problem === 'string' ? problem : expect.stringMatching(problem) }],
    });
  });

  it('in any sequence of such ways gives each candle once, and no hole where there is none', async () => {
    const ways: readonly Answer[] = cases.map(([, answers]) => answers[0] ?? ((candles) => candles));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...ways.slice(2)), { maxLength: 6 }), fc.integer({ min: 1, max: 3000 }), async (chosen, count) => {
        history = diskHistory(mkdtempSync(join(directory, 'case-')));
        const venue = new Venue();
        venue.answers = [...chosen, (candles) => candles];
        const wanted = { from: BEGIN, to: BEGIN + count * MINUTE };
        expect(await download(venue, wanted)).toMatchObject({ holes: 0 });
        expect(await kept()).toEqual(minutes(BEGIN, Math.min(count, 2880)));
      }),
      { numRuns: 20 },
    );
  });
});

describe('a venue that fails', () => {
  const refusal =
    (retryAfterMs?: number): Answer =>
    () => {
      throw new PortError('venue_rate_limited', 'slow down', { outcome: 'failed', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    };

  it('is asked again after the pause that it demands', async () => {
    const venue = new Venue();
    venue.answers = [refusal(40_000), (candles) => candles];
    const running = download(venue, { from: BEGIN, to: BEGIN + 10 * MINUTE });
    while (clock.waiting === 0) await settle();
    await clock.advance(39_999);
    expect(venue.asked).toHaveLength(1);
    await clock.advance(1);
    expect(await running).toMatchObject({ added: 10 });
  });

  it('again and again, or that demands too long a pause, ends it; what has come is kept, and it goes on from there', async () => {
    const venue = new Venue();
    venue.answers = [(candles) => candles, refusal()];
    const running = download(venue, { from: BEGIN, to: BEGIN + 1500 * MINUTE });
    await expect(throughPauses(running)).rejects.toMatchObject({ code: 'venue_rate_limited' });
    expect(venue.asked).toHaveLength(1 + MAX_TRIES);
    expect(await kept()).toEqual(minutes(BEGIN, TO_FEBRUARY));
    const banning = new Venue();
    banning.answers = [refusal(MAX_PAUSE_MS + 1)];
    await expect(download(banning, { from: BEGIN, to: BEGIN + 1500 * MINUTE })).rejects.toMatchObject({ code: 'venue_rate_limited' });
    const again = new Venue();
    expect(await download(again, { from: BEGIN, to: BEGIN + 1500 * MINUTE })).toMatchObject({ added: 1500 - TO_FEBRUARY, holes: 0 });
    expect(again.asked[0]?.from).toBe(BEGIN + TO_FEBRUARY * MINUTE);
  });

  it('for good ends it at once', async () => {
    const venue = new Venue();
    venue.answers = [
      () => {
        throw new PortError('symbol_unknown', 'no such symbol', { outcome: 'failed' });
      },
    ];
    await expect(download(venue, { from: BEGIN, to: BEGIN + 10 * MINUTE })).rejects.toMatchObject({ code: 'symbol_unknown' });
    expect(venue.asked).toHaveLength(1);
  });

  it('is not waited for by whoever wants to stop', async () => {
    const venue = new Venue();
    venue.answers = [(candles) => candles, refusal(60_000)];
    const stop = new Wish();
    const running = download(venue, { from: BEGIN, to: BEGIN + 1500 * MINUTE }, { stop });
    while (clock.waiting === 0) await settle();
    stop.ask();
    expect(await running).toMatchObject({ added: TO_FEBRUARY, isStopped: true });
    expect(await kept()).toEqual(minutes(BEGIN, TO_FEBRUARY));
  });
});

/** Moves time on whenever somebody waits for it. */
async function throughPauses<Result>(running: Promise<Result>): Promise<Result> {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  running.then(over, over);
  while (!isOver) await (clock.waiting > 0 ? clock.advance(1_000) : settle());
  return running;
}

class Wish implements Stop {
  #isAsked = false;
  readonly #callbacks = new Set<() => void>();

  isAsked(): boolean {
    return this.#isAsked;
  }

  onAsked(callback: () => void): () => void {
    if (this.#isAsked) callback();
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  ask(): void {
    this.#isAsked = true;
    for (const callback of this.#callbacks) callback();
  }
}
