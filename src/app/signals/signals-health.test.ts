/** What is amiss with the looking for signals, and what is merely not there: who depends on a place decides. */
import { describe, expect, it } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import type { FeedStanding } from './feed-loop.ts';
import { type SignalsHealthParts, signalsCheck } from './signals-health.ts';

const clock = new ManualClock();
const feed = (name: string, change: Partial<FeedStanding> = {}): FeedStanding => ({
  ...{ name, everyMs: 2_000, readAt: clock.now(), unreadable: 0, problem: '', problemCode: '', nextAt: 0 },
  ...change,
});
/** It never answered since the start. */
const away = (name: string): FeedStanding => feed(name, { readAt: null, problem: 'no way out', problemCode: 'venue_unavailable' });
/** It did. */
const lost = (name: string): FeedStanding => feed(name, { problem: 'no way out', problemCode: 'venue_unavailable' });

const PLACES = ['mexc', 'binance', 'dexscreener'];
const look = (feeds: readonly FeedStanding[], change: Partial<SignalsHealthParts> = {}) => {
  const counts = { open: 0, followed: 0, listings: 0, pairs: 0, told: 0, unkept: 0 };
  const parts = { places: PLACES, areNamed: false, networks: () => [], waiters: () => Promise.resolve([]), clock };
  return signalsCheck({ ...parts, desk: () => ({ standing: () => ({ feeds, ...counts }) }), ...change }).look();
};
const OFFLINE = PLACES.map((place) => away(`${place} list`));
const NONE = 'no place can be reached: no signals are looked for';
const waits = (mode: 'paper' | 'live', exchange: string, scanner: string) => ({
  waiters: () => Promise.resolve([{ mode, exchange, config: { start_signal: scanner } } as const]),
});

describe('a machine without a way out', () => {
  it('is well, and says that no signals are looked for', async () => {
    expect(await look(OFFLINE)).toMatchObject({
      status: 'ok',
      detail: 'no place has been reached since the start: no signals are looked for, and nothing here waits for any',
      figures: { mode: 'not_reached', mexc_list_problem: 'venue_unavailable', binance_list_problem: 'venue_unavailable' },
    });
  });

  it.each<[string, Partial<SignalsHealthParts>]>([
    ['the configuration names the places', { areNamed: true }],
    ['a bot with real money waits at one', waits('live', 'binance', 'spot-futures')],
    ['a bot on paper waits for MEXC', waits('paper', 'paper', 'mexc-spot-futures')],
    ['a bot on paper waits for any', waits('paper', 'paper', 'spot-futures')],
    ['the owner has named an account at one', { networks: () => [away('okx networks')] }],
  ])('is not well where %s', async (_what, change) => {
    expect(await look(OFFLINE, change)).toMatchObject({ status: 'degraded', detail: NONE });
  });

  it('is not well when there was a way out before', async () => {
    expect(await look([lost('mexc list'), away('binance list')])).toMatchObject({ status: 'degraded', detail: NONE });
  });
});

describe('a place that never answered', () => {
  const some = [feed('mexc list'), feed('mexc spot prices'), away('binance list')];

  it('is named, and alarms nobody who does not depend on it', async () => {
    expect(await look(some)).toMatchObject({
      status: 'ok',
      detail: 'binance has not been reached since the start',
      figures: { mode: 'scanning', binance_list_problem: 'venue_unavailable' },
    });
    expect(await look(some, waits('paper', 'paper', 'mexc-spot-futures'))).toMatchObject({ status: 'ok' });
  });

  it.each<[string, Partial<SignalsHealthParts>]>([
    ['the configuration names it', { areNamed: true }],
    ['a bot waits for its signals', waits('live', 'binance', 'spot-futures')],
  ])('alarms where %s', async (_what, change) => {
    expect(await look(some, change)).toMatchObject({ status: 'degraded', detail: 'binance list: no way out' });
  });
});

describe('what worked and does so no more', () => {
  it.each([
    ['a feed of a place that is read otherwise', [feed('mexc list'), away('mexc funding')], 'mexc funding: no way out'],
    ['a place', [feed('mexc list'), lost('binance list')], 'binance list: no way out'],
    ['a feed that is late', [feed('mexc list', { readAt: clock.now() - 30_001 })], 'mexc list is late'],
    ['rows that make no sense', [feed('mexc list', { unreadable: 2 })], 'mexc list: 2 rows make no sense'],
  ])('alarms: %s', async (_what, feeds, detail) => {
    expect(await look(feeds)).toMatchObject({ status: 'degraded', detail });
  });

  it('alarms: an account that the owner has named, though nothing else has been reached', async () => {
    const networks = () => [away('okx networks')];
    expect(await look([feed('mexc list')], { networks })).toMatchObject({ status: 'degraded', detail: 'okx networks: no way out' });
  });
});

it('is well where nothing is scanned here', async () => {
  expect(await look(OFFLINE, { places: [] })).toMatchObject({ status: 'ok', figures: { mode: 'off' } });
  expect(await look(OFFLINE, { desk: () => null })).toMatchObject({ status: 'ok', figures: { mode: 'standing_by' } });
});
