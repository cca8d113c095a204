/** What a fleet that really trades tells of itself: orders by outcome, latencies, feeds, reconciliation, runs. */
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { promMetrics } from '#adapters/metrics.ts';
import { watchStanding, watchVenues } from '#app/operations/gauges.ts';
import { Fleet } from '#test/support/fleet.ts';

/** `NaN` when there is no such series. */
function figureOf(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.split(' ').at(-1));
}

let fleet: Fleet;
afterEach(() => fleet.close());

it('counts what the books hold, and measures the way of an order', { timeout: 60_000 }, async () => {
  const open = promMetrics({ version: '1', dataDirectory: '/', withRuntime: false });
  fleet = await Fleet.open({ metrics: open.metrics });
  watchStanding(open.metrics, fleet.standing);
  watchVenues(open.metrics, fleet.venues, systemClock);
  const bot = await fleet.startGrid();
  await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
  fleet.simulator.world.setPrice('BTC/USDT', '58900');
  await fleet.until(
    'an order was filled',
    async () => (await fleet.orders(bot.id)).filter(({ state }) => state === 'filled').length > 1 && (await fleet.agrees(bot.id)),
  );
  await fleet.want(bot.id, 'stopped');
  await fleet.until('the bot has stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');

  const orders = await fleet.orders(bot.id);
  const text = await open.exposition();
  const value = (series: string) => figureOf(text, series);
  const inBooks = (state: string) => orders.filter((order) => order.state === state).length;
  expect(value('argosy_orders_total{venue="binance",outcome="filled"}')).toBe(inBooks('filled'));
  expect(value('argosy_orders_total{venue="binance",outcome="cancelled"}')).toBe(inBooks('cancelled'));
  // What traded at once may have been told as filled before it was told as accepted.
  expect(value('argosy_orders_total{venue="binance",outcome="accepted"}')).toBeLessThanOrEqual(orders.length);
  expect(value('argosy_orders_total{venue="binance",outcome="accepted"}')).toBeGreaterThanOrEqual(8);
  expect(text).not.toMatch(/^argosy_orders_total\{.*outcome="(denied|rejected|unknown|expired)"/m);
  const sent = fleet.simulator.log.list().filter(({ method, path }) => method === 'POST' && path.endsWith('/order')).length;
  expect(value('argosy_decision_to_wire_seconds_count{venue="binance"}')).toBe(sent);
  expect(value('argosy_decision_to_wire_seconds_sum{venue="binance"}')).toBeGreaterThan(value('argosy_intent_duration_seconds_sum'));
  expect(value('argosy_intent_duration_seconds_count')).toBeGreaterThan(0);
  expect(value('argosy_intent_duration_seconds_count'), 'orders of one batch share their commit').toBeLessThanOrEqual(sent);
  expect(value('argosy_reconcile_duration_seconds_count{venue="binance",outcome="complete"}')).toBeGreaterThan(0);
});

it('tells feeds, runs, streams and budgets as they are now', { timeout: 60_000 }, async () => {
  const open = promMetrics({ version: '1', dataDirectory: '/', withRuntime: false });
  fleet = await Fleet.open({ metrics: open.metrics });
  watchStanding(open.metrics, fleet.standing);
  watchVenues(open.metrics, fleet.venues, systemClock);
  expect(await open.exposition()).not.toMatch(/^argosy_(feeds|runs|venue_streams|venue_budget_left_ratio)\{/m);
  const bot = await fleet.startGrid();
  await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
  await fleet.until('both streams are up', async () => (await open.exposition()).includes('argosy_venue_streams{venue="binance",state="up"} 2'));
  const text = await open.exposition();
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')
        .at(-1),
    );
  expect(value('argosy_feeds{venue="binance"}')).toBe(1);
  expect(value('argosy_runs{venue="binance",strategy="grid"}')).toBe(1);
  expect(value('argosy_venue_streams{venue="binance",state="up"}')).toBe(2);
  expect(value('argosy_venue_streams{venue="binance",state="down"}')).toBe(0);
  expect(value('argosy_orders_in_doubt{venue="binance"}')).toBe(0);
  expect(value('argosy_venue_budget_left_ratio{venue="binance",window="address 60s"}')).toBeGreaterThan(0.5);
  expect(value('argosy_venue_budget_left_ratio{venue="binance",window="address 60s"}')).toBeLessThan(1);
  for (const series of ['argosy_feed_age_max_seconds', 'argosy_reconcile_lag_seconds', 'argosy_venue_contact_age_seconds'])
    expect(value(`${series}{venue="binance"}`), series).toBeLessThan(30);
  await fleet.halt();
  expect(await open.exposition()).not.toMatch(/^argosy_(feeds|runs)\{/m);
});
