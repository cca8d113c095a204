import { describe, expect, it } from 'vitest';
import type { TradingSession, VenueFill, VenueOrder } from '#core/venue-ports.ts';
import type { OrderHolder, TrackedOrder } from './order-holder.ts';
import { reconcile } from './reconcile.ts';

const SYMBOL = 'BTC/USDT';
const NOW = 1_700_000_000_000;
const MARGIN_MS = 60_000;

function venueOrder(clientOrderId: string, status: VenueOrder['status'] = 'open'): VenueOrder {
  return { clientOrderId, venueOrderId: `v-${clientOrderId}`, symbol: SYMBOL, side: 'buy', status, price: '100', size: '1', filledSize: '0', updatedAt: NOW };
}

function venueFill(tradeId: string, venueOrderId: string, at = NOW): VenueFill {
  return {
    tradeId,
    venueOrderId,
    clientOrderId: null,
    symbol: SYMBOL,
    side: 'buy',
    price: '100',
    size: '1',
    feeAsset: 'BTC',
    feeAmount: '0.001',
    isMaker: true,
    at,
  };
}

function setUp(options: { tracked?: TrackedOrder[]; open?: VenueOrder[]; known?: Record<string, VenueOrder>; fills?: VenueFill[]; ledger?: string[] }) {
  const heard: string[] = [];
  const holder: OrderHolder = {
    symbols: new Set([SYMBOL]),
    alive: () => options.tracked ?? [],
    knowsTrade: () => false,
    onReport: (report) => heard.push(`report ${report.clientOrderId} ${report.status}`),
    onFill: (fill, clientOrderId) => heard.push(`fill ${fill.tradeId} of ${clientOrderId}`),
    onAbsent: (clientOrderId) => heard.push(`absent ${clientOrderId}`),
    clientOrderIdOf: async ({ venueOrderId }) => (venueOrderId.startsWith('v-ours') ? venueOrderId.slice(2) : null),
  };
  const session = {
    openOrders: async () => options.open ?? [],
    findOrder: async (clientOrderId: string) => options.known?.[clientOrderId] ?? null,
    fillsSince: async () => options.fills ?? [],
  } as unknown as TradingSession;
  const run = () =>
    reconcile({
      session,
      holder,
      symbol: SYMBOL,
      fillsSince: NOW - 1_000,
      now: () => NOW,
      newsOf: async (fills) => fills.filter(({ tradeId }) => options.ledger?.includes(tradeId) !== true),
      absenceMarginMs: MARGIN_MS,
      isOurs: (clientOrderId) => clientOrderId.startsWith('ours'),
    });
  return { heard, run };
}

function tracked(clientOrderId: string, state: TrackedOrder['state'], deadlineAt: number | null): TrackedOrder {
  return { clientOrderId, symbol: SYMBOL, state, deadlineAt };
}

describe('reconciliation', () => {
  it('tells executions before reports, so that an end is believed with all its fills', async () => {
    const { heard, run } = setUp({
      tracked: [tracked('ours1', 'accepted', NOW)],
      known: { ours1: venueOrder('ours1', 'filled') },
      fills: [venueFill('t1', 'v-ours1')],
    });
    await run();
    expect(heard).toEqual(['fill t1 of ours1', 'report ours1 filled']);
  });

  it('finds an order in doubt among the open ones', async () => {
    const { heard, run } = setUp({ tracked: [tracked('ours1', 'unknown', NOW)], open: [venueOrder('ours1')] });
    expect((await run()).inDoubt).toBe(1);
    expect(heard).toEqual(['report ours1 open']);
  });

  it('concludes nothing from an order that cannot be found before its deadline and the margin have passed', async () => {
    const { heard, run } = setUp({ tracked: [tracked('ours1', 'unknown', NOW - MARGIN_MS)] });
    await run();
    expect(heard).toEqual([]);
  });

  it('takes absence after deadline and margin as proof that the order was never placed', async () => {
    const { heard, run } = setUp({ tracked: [tracked('ours1', 'unknown', NOW - MARGIN_MS - 1)] });
    await run();
    expect(heard).toEqual(['absent ours1']);
  });

  it('leaves an order alone that this process is still placing', async () => {
    const { heard, run } = setUp({ tracked: [tracked('ours1', 'submitting', NOW - MARGIN_MS - 1)] });
    await run();
    expect(heard).toEqual([]);
  });

  it('drops executions that are in the ledger and those of other people', async () => {
    const { heard, run } = setUp({ fills: [venueFill('t1', 'v-ours1'), venueFill('t2', 'v-ours1'), venueFill('t3', 'theirs')], ledger: ['t1'] });
    await run();
    expect(heard).toEqual(['fill t2 of ours1']);
  });

  it('leaves executions of orders of another holder to that holder, also where the venue names the order', async () => {
    const { heard, run } = setUp({
      fills: [
        { ...venueFill('t1', 'v-other'), clientOrderId: 'other' },
        { ...venueFill('t2', 'v-ours1'), clientOrderId: 'ours1' },
      ],
    });
    await run();
    expect(heard).toEqual(['fill t2 of ours1']);
  });

  it('returns the time of the newest execution, for the next round to begin from', async () => {
    const { run } = setUp({ fills: [venueFill('t1', 'v-ours1', NOW + 5), venueFill('t2', 'v-ours1', NOW + 9)] });
    expect((await run()).newestFillAt).toBe(NOW + 9);
  });

  it('names orders of ours that rest at the venue and are over here, after asking again; never those of others', async () => {
    const { run } = setUp({
      open: [venueOrder('ours1'), venueOrder('ours2'), venueOrder('by-hand')],
      known: { ours1: venueOrder('ours1'), ours2: venueOrder('ours2', 'cancelled') },
    });
    expect((await run()).orphans.map((order) => order.clientOrderId)).toEqual(['ours1']);
  });
});
