import { describe, expect, it } from 'vitest';
import { Engine } from '#core/engine/engine.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import type { OrderRequest } from '#core/order.ts';
import { defineStrategy } from '#core/strategy.ts';
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { VenueMailReader } from './venue-mail.ts';

const INSTRUMENT: Instrument = {
  venue: 'test',
  symbol: 'BTC/USDT',
  base: 'BTC',
  quote: 'USDT',
  kind: 'spot',
  settle: 'USDT',
  perpetual: null,
  priceIncrement: '0.01',
  sizeIncrement: '0.001',
  minPrice: '0.01',
  maxPrice: null,
  minSize: '0.001',
  maxSize: null,
  minNotional: '1',
  makerFeeRate: '0.001',
  takerFeeRate: '0.001',
  status: 'trading',
};

const BUY: OrderRequest = {
  side: 'buy',
  type: 'limit',
  priceTicks: 10_000,
  triggerTicks: 0,
  sizeLots: 1_000,
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
  tag: 'entry',
};

/** Places one buy of 1 BTC at 100 when it starts. */
const buyer = defineStrategy({
  name: 'buyer',
  version: 1,
  title: { en: '', ru: '' },
  summary: { en: '', ru: '' },
  params: {},
  wants: { bars: false, quotes: false },
  plan: () => ({ ok: true, quoteAtoms: 0, baseGrains: 0, preview: {} }),
  start: (context) => ({ id: context.submit(BUY) }),
  on: () => undefined,
});

function setUp() {
  const engine = new Engine({
    strategy: buyer,
    params: {},
    scale: new Scale(INSTRUMENT),
    feeAsset: 'received',
    limits: { budgetAtoms: 1e12, maxOrderAtoms: 1e12, maxOpenOrders: 10, priceCollar: 0.1, ordersPerMinute: 60 },
    owner: { installation: 1, kind: 'bot', number: 1 },
    lentGrains: 0,
  });
  engine.step({ type: 'quoteChanged', at: 1, bidTicks: 10_000, askTicks: 10_001 });
  engine.step({ type: 'runStarted', at: 1, epoch: 1 });
  const [clientOrderId = ''] = engine.orders.keys();
  const reader = new VenueMailReader(engine);
  const tell = (events: readonly Parameters<Engine['step']>[0][]) => events.forEach((event) => void engine.step(event));
  return { engine, reader, clientOrderId, tell };
}

function report(clientOrderId: string, status: VenueOrder['status'], filledSize = '0'): VenueOrder {
  return { clientOrderId, venueOrderId: '77', symbol: 'BTC/USDT', side: 'buy', status, price: '100', size: '1', filledSize, updatedAt: 5 };
}

function fill(tradeId: string, size: string, fee: { readonly asset: string; readonly amount: string } = { asset: 'BTC', amount: '0.0004' }): VenueFill {
  return {
    tradeId,
    venueOrderId: '77',
    clientOrderId: null,
    symbol: 'BTC/USDT',
    side: 'buy',
    price: '100',
    size,
    feeAsset: fee.asset,
    feeAmount: fee.amount,
    isMaker: true,
    at: 5,
  };
}

describe('reading venue mail', () => {
  it('takes a report of an order in flight as its acceptance, once', () => {
    const { reader, clientOrderId, tell } = setUp();
    const first = reader.read({ kind: 'report', report: report(clientOrderId, 'open') }, 9);
    expect(first.events).toEqual([{ type: 'orderAccepted', at: 9, clientOrderId, venueOrderId: '77' }]);
    tell(first.events);
    expect(reader.read({ kind: 'report', report: report(clientOrderId, 'open') }, 9).events).toEqual([]);
  });

  it('ends what a venue has left out of an order that it made smaller, once all it filled is in', () => {
    const { engine, reader, clientOrderId, tell } = setUp();
    tell(reader.read({ kind: 'report', report: report(clientOrderId, 'open') }, 9).events);
    const smaller = { ...report(clientOrderId, 'filled', '0.75'), size: '0.75' };
    expect(reader.read({ kind: 'report', report: smaller }, 9)).toEqual({ events: [], isAhead: true });
    tell(reader.read({ kind: 'fill', fill: fill('t1', '0.75'), clientOrderId }, 9).events);
    tell(reader.read({ kind: 'report', report: smaller }, 9).events);
    expect(engine.orders.get(clientOrderId)?.state ?? 'over').not.toBe('partiallyFilled');
    expect(reader.read({ kind: 'report', report: report(clientOrderId, 'filled', '0.75') }, 9).events).toEqual([]);
  });

  it('books an execution once, however often it is told', () => {
    const { reader, clientOrderId } = setUp();
    expect(reader.read({ kind: 'fill', fill: fill('t1', '0.4'), clientOrderId }, 9).events).toHaveLength(1);
    expect(reader.read({ kind: 'fill', fill: fill('t1', '0.4'), clientOrderId }, 9)).toEqual({ events: [] });
  });

  it('turns exact decimals into ticks, lots and a fee that is never understated', () => {
    const { reader, clientOrderId } = setUp();
    const { events } = reader.read({ kind: 'fill', fill: fill('t1', '0.4', { asset: 'BTC', amount: '0.00040001' }), clientOrderId }, 9);
    expect(events[0]).toMatchObject({ fill: { priceTicks: 10_000, sizeLots: 400, feeGrains: 4_001, feeAtoms: 0, otherFeeAtoms: 0 } });
  });

  it('counts executions in fractions of a lot when they have added up to one, and the quote they move at once', () => {
    const { engine, reader, clientOrderId, tell } = setUp();
    const first = reader.read({ kind: 'fill', fill: fill('t1', '0.0004', { asset: 'BTC', amount: '0' }), clientOrderId }, 9);
    expect(first.events[0]).toMatchObject({ fill: { sizeLots: 0, feeAtoms: 4_000 } });
    tell(first.events);
    expect(reader.read({ kind: 'report', report: report(clientOrderId, 'expired', '0.0005') }, 9).isAhead).toBe(true);
    expect(reader.read({ kind: 'report', report: report(clientOrderId, 'open', '0.0004') }, 9).isAhead).toBeUndefined();
    const second = reader.read({ kind: 'fill', fill: fill('t2', '0.9996', { asset: 'BTC', amount: '0' }), clientOrderId }, 9);
    expect(second.events[0]).toMatchObject({ fill: { sizeLots: 1_000, feeAtoms: -4_000 } });
    tell(second.events);
    expect(engine.state.position).toMatchObject({ quoteAtoms: -10_000_000, baseGrains: 10_000_000 });
  });

  it('keeps a fee in a third coin out of both holdings', () => {
    const { reader, clientOrderId } = setUp();
    const { events } = reader.read({ kind: 'fill', fill: fill('t1', '0.4', { asset: 'BNB', amount: '0.1' }), clientOrderId }, 9);
    expect(events[0]).toMatchObject({ fill: { feeGrains: 0, feeAtoms: 0, otherFeeAtoms: 0 } });
  });

  it('believes no end of an order before its executions are in', () => {
    const { reader, clientOrderId, tell } = setUp();
    const early = reader.read({ kind: 'report', report: report(clientOrderId, 'cancelled', '0.4') }, 9);
    expect(early.isAhead).toBe(true);
    expect(early.events.map((event) => event.type)).toEqual(['orderAccepted']);
    tell(early.events);
    tell(reader.read({ kind: 'fill', fill: fill('t1', '0.4'), clientOrderId }, 9).events);
    expect(reader.read({ kind: 'report', report: report(clientOrderId, 'cancelled', '0.4') }, 9).events).toEqual([
      { type: 'orderCancelled', at: 9, clientOrderId },
    ]);
  });

  it('finds that a cancel was lost when the order still rests', () => {
    const { engine, reader, clientOrderId, tell } = setUp();
    tell(reader.read({ kind: 'report', report: report(clientOrderId, 'open') }, 9).events);
    engine.step({ type: 'cancelRequested', at: 10, clientOrderId });
    expect(reader.read({ kind: 'report', report: report(clientOrderId, 'open') }, 11)).toEqual({ events: [], isCancelLost: true });
  });

  it('takes proven absence of an order in doubt as never placed, and of an accepted one as expired', () => {
    const inDoubt = setUp();
    inDoubt.engine.step({ type: 'orderUnknown', at: 2, clientOrderId: inDoubt.clientOrderId });
    expect(inDoubt.reader.read({ kind: 'absent', clientOrderId: inDoubt.clientOrderId }, 9).events).toMatchObject([
      { type: 'orderRejected', code: 'never_placed' },
    ]);
    const accepted = setUp();
    accepted.tell(accepted.reader.read({ kind: 'report', report: report(accepted.clientOrderId, 'open') }, 9).events);
    expect(accepted.reader.read({ kind: 'absent', clientOrderId: accepted.clientOrderId }, 9).events).toMatchObject([{ type: 'orderExpired' }]);
  });

  it('ignores reports of orders it does not know', () => {
    const { reader } = setUp();
    expect(reader.read({ kind: 'report', report: report('somebody-else', 'open') }, 9)).toEqual({ events: [] });
  });
});
