import { expect, it } from 'vitest';
import type { Engine } from '#core/engine/engine.ts';
import type { Event } from '#core/events.ts';
import { Scale } from '#core/instrument.ts';
import type { Commit } from '#core/store/commit.ts';
import type { Store } from '#core/store/store.ts';
import type { VenueOrder } from '#core/venue-ports.ts';
import { BTC } from '#test/e2e/_venue.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { LiveRun } from './live-run.ts';

function setUp(options: { readonly wantsQuote: boolean }) {
  const stepped: Event[] = [];
  const commits: Commit[] = [];
  const scale = new Scale({ ...BTC, venue: 'paper' });
  const state = { phase: 'running', tradingState: 'active', bidTicks: 1, askTicks: 1 };
  const order = { clientOrderId: 'known', state: 'accepted', filledLots: 0, sizeLots: scale.lots('1', 'nearest'), cancelRequested: false };
  const leg = { symbol: BTC.symbol, name: null, mark: {}, terms: { scale }, state };
  const engine = {
    legs: { all: [leg], first: leg, of: () => leg, ofOrder: () => leg, ofSymbol: () => leg },
    wantsSpread: () => false,
    setup: { scale },
    state,
    orders: new Map([[order.clientOrderId, order]]),
    wantsQuote: () => options.wantsQuote,
    snapshot: () => state,
    step: (event: Event) => {
      stepped.push(event);
      if (event.type === 'quoteChanged') Object.assign(state, { bidTicks: event.bidTicks, askTicks: event.askTicks });
      if (event.type === 'orderCancelled') order.state = 'cancelled';
      return [];
    },
  } as unknown as Engine;
  const run = new LiveRun({
    store: { commit: async (commit: Commit) => void commits.push(commit) } as unknown as Store,
    clock: new ManualClock(),
    ids: { next: () => 'id', secret: () => 'secret' },
    log: quietLog(),
    identity: { runId: 'r1', bot: { id: 'b1', userId: 'u1', accountId: 'a1', symbol: BTC.symbol, name: 'Bot' } as never, scale },
    engine,
    held: { lease: { subject: 'bot:b1', owner: 'me', epoch: 2 }, holdUntil: async () => true } as never,
    desk: { windowMs: 5_000 } as never,
    sequence: 7,
    orders: [],
    onEnd: (end) => expect.unreachable(`the run ended: ${JSON.stringify(end)}`),
  });
  return { run, stepped, commits };
}

const quoteOf = (bid: string, ask: string) => ({ symbol: BTC.symbol, bid, ask, at: 0 });

function reportOf(status: VenueOrder['status']): VenueOrder {
  const figures = { price: '60000', size: '1', filledSize: '0', updatedAt: 0 };
  return { clientOrderId: 'known', venueOrderId: 'v1', symbol: BTC.symbol, side: 'buy', status, ...figures };
}

it('steps a halt in front of the price that came with it: what that would have decided could not be committed', async () => {
  const { run, stepped, commits } = setUp({ wantsQuote: true });
  run.start(quoteOf('60000', '60000.01'));
  run.halt(true);
  await expect.poll(() => commits.length).toBe(1);
  expect(stepped.map(({ type }) => type)).toEqual(['tradingStateChanged', 'quoteChanged', 'runStarted']);
  expect(stepped.map(({ at }) => at)).toEqual(stepped.map(({ at }) => at).toSorted((one, other) => one - other));
  expect(commits[0]?.run?.entries.map(({ sequence }) => sequence)).toEqual([8, 9, 10]);
});

it('records no price for a report that tells nothing new, and the newest in front of one that does', async () => {
  const { run, stepped, commits } = setUp({ wantsQuote: false });
  run.start(quoteOf('60000', '60000.01'));
  await expect.poll(() => commits.length).toBe(1);
  stepped.length = 0;
  run.onQuote(quoteOf('61000', '61000.01'));
  run.onReport(reportOf('open'));
  await new Promise(setImmediate);
  expect([stepped, commits.length]).toEqual([[], 1]);
  run.onReport(reportOf('cancelled'));
  await expect.poll(() => commits.length).toBe(2);
  expect(stepped.map(({ type }) => type)).toEqual(['quoteChanged', 'orderCancelled']);
});
