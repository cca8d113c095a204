/** What is peculiar to MEXC, or done wrongly by ccxt there, and must not reach us. */
import { describe, expect, it } from 'vitest';
import { until } from '#test/support/until.ts';
import { mexcRig } from './mexc-rig.ts';
import { Heard, listening, onStage, order, place, placed, type Stage, SYMBOL, windowOf } from './venue-rig.ts';

const sent = (stage: Stage): URLSearchParams[] => stage.rig.simulator.log.list('placeOrder').map(({ parameters }) => new URLSearchParams(parameters));

describe('orders at MEXC', () => {
  const stage = onStage(() => mexcRig());

  it.each(['buy', 'sell'] as const)('sends a market order to %s as an immediate limit order within its collar, by its size', async (side) => {
    const asked = order({ type: 'market', side, price: null, size: '0.01' });
    await placed(stage.rig, stage.session, asked);
    const [parameters] = sent(stage);
    expect(Object.fromEntries(parameters ?? [])).toMatchObject({ type: 'IMMEDIATE_OR_CANCEL', quantity: '0.01', price: side === 'buy' ? '63000.01' : '57000' });
    expect(parameters?.has('quoteOrderQty')).toBe(false);
    expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled', filledSize: '0.01' });
  });

  it('sends no market order while no price is known', async () => {
    stage.rig.simulator.faults.add({ where: 'before', kind: 'status', operation: 'quote' });
    expect(await place(stage.rig, stage.session, order({ type: 'market', price: null }))).toMatchObject({ outcome: 'rejected', code: 'not_sent' });
    expect(await place(stage.rig, stage.session, order({ type: 'market', price: null, symbol: 'NO/SUCH' }))).toMatchObject({
      outcome: 'rejected',
      code: 'not_sent',
    });
    expect(sent(stage)).toEqual([]);
  });

  it('never lets a post-only order take, whatever else it says', async () => {
    await placed(stage.rig, stage.session, order({ postOnly: true, timeInForce: 'ioc', price: '61000' }));
    expect(sent(stage)[0]?.get('type')).toBe('LIMIT_MAKER');
    expect(stage.rig.simulator.truth.fills()).toEqual([]);
  });

  it('gives each of many orders at once its own time and window', async () => {
    const window = await windowOf(stage.rig, stage.session);
    const windows = Array.from({ length: 20 }, (_, index) => ({ timestampMs: window.timestampMs - index, windowMs: 3_000 + index }));
    await Promise.all(windows.map((each) => stage.session.place(order({ size: '0.0001', price: '59000' }), each)));
    const told = sent(stage).map((parameters) => `${parameters.get('timestamp')} ${parameters.get('recvWindow')}`);
    expect(told.sort()).toEqual(windows.map(({ timestampMs, windowMs }) => `${Math.round(timestampMs)} ${windowMs}`).sort());
  });

  it('takes a page for no order', async () => {
    const asked = order({ symbol: 'ETH/USDT', price: '2900', size: '0.01' });
    stage.rig.simulator.faults.add({ where: 'after', kind: 'junk', operation: 'placeOrder' });
    expect(await place(stage.rig, stage.session, asked)).toMatchObject({ outcome: 'unknown', code: 'http_200' });
    expect(await stage.session.findOrder(asked.clientOrderId, 'ETH/USDT')).toMatchObject({ status: 'open' });
  });

  it('tells the fee of both sides in the quote asset, exactly and as the stream does', async () => {
    const since = stage.rig.clock.now();
    await placed(stage.rig, stage.session, order({ type: 'market', price: null, size: '0.00777' }));
    await placed(stage.rig, stage.session, order({ type: 'market', side: 'sell', price: null, size: '0.00777' }));
    await until(() => stage.heard.fills.length === 2, 'both fills are pushed');
    expect(stage.heard.fills.map(({ feeAsset, feeAmount }) => `${feeAmount} ${feeAsset}`)).toEqual(['0.4662001 USDT', '0.4662 USDT']);
    expect(await stage.session.fillsSince(SYMBOL, since)).toEqual(stage.heard.fills);
  });

  it('finds an execution of the very second it looks from, though lists carry whole seconds', async () => {
    stage.rig.clock.skip(1_700 - (stage.rig.clock.now() % 1_000));
    await placed(stage.rig, stage.session, order({ type: 'market', price: null }));
    expect(await stage.session.fillsSince(SYMBOL, stage.rig.clock.now() - 100)).toHaveLength(1);
  });

  it('says what a key may do by what it is let do, not by what the account may', async () => {
    expect(stage.rig.simulator.log.list('checkKey')).toEqual([]);
    expect(await stage.session.checkKey()).toEqual({ canTrade: true, canWithdraw: false, isIpRestricted: null });
    expect(stage.rig.simulator.truth.orders()).toEqual([]);
  });
});

describe('cancels at MEXC', () => {
  const stage = onStage(() => mexcRig({ isCancelBrief: true }));

  it('looks what became of an order whose cancel is answered without a status', async () => {
    const asked = order();
    await placed(stage.rig, stage.session, asked);
    expect(await stage.session.cancel(asked.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(stage.rig.simulator.log.list('findOrder')).toHaveLength(1);
  });

  it('leaves it in doubt while the order is still shown', async () => {
    const asked = order();
    await placed(stage.rig, stage.session, asked);
    stage.rig.simulator.faults.add({ where: 'before', kind: 'notFound', operation: 'findOrder', count: null });
    expect(await stage.session.cancel(asked.clientOrderId, SYMBOL)).toMatchObject({ outcome: 'unknown', code: 'cancel_pending' });
  });
});

describe('the private stream at MEXC', () => {
  const stage = onStage(() => mexcRig());
  const keysAsked = (): number => stage.rig.simulator.log.list('listenKey').length;
  const renewals = (): number => stage.rig.simulator.log.list('renewListenKey').length;
  const keys = () => (stage.rig.simulator as Awaited<ReturnType<typeof mexcRig>>['simulator']).listenKeys;
  const isBack = (): boolean => stage.heard.states.join() === 'up,down,up';

  it('comes back with the key it has, which the venue is asked about first', async () => {
    stage.rig.simulator.streams.drop('private');
    await until(isBack, 'the stream is back');
    expect([keysAsked(), renewals(), keys().of('main').length]).toEqual([1, 1, 1]);
  });

  it('renews its key in time', async () => {
    for (let half = 1; half <= 4; half += 1) {
      stage.rig.clock.skip(1_800_000);
      await until(() => renewals() >= half && stage.heard.states.at(-1) === 'up', 'the key is renewed');
    }
    expect(keysAsked()).toBe(1);
    await until(() => stage.heard.states.at(-1) === 'up', 'the stream is up');
    await placed(stage.rig, stage.session, order());
    await until(() => stage.heard.orders.length === 1, 'events are pushed');
  });

  it('gets another key when the venue knows the one it has no more', async () => {
    keys().clear();
    stage.rig.simulator.streams.drop('private');
    await until(isBack, 'the stream is back');
    expect(keysAsked()).toBe(2);
    await placed(stage.rig, stage.session, order());
    await until(() => stage.heard.orders.length === 1, 'events are pushed');
  });

  it('gets another key when the stream itself refuses the one it has', async () => {
    keys().clear();
    stage.rig.clock.skip(8_100);
    await until(isBack, 'the stream is back');
    expect(keysAsked()).toBe(2);
  });

  it('keeps a key that could not be renewed, and tries again', async () => {
    stage.rig.simulator.faults.add({ where: 'before', kind: 'reset', operation: 'renewListenKey' });
    stage.rig.simulator.streams.drop('private');
    await until(() => {
      stage.rig.clock.skip(1_000);
      return isBack();
    }, 'the stream is back');
    expect(keysAsked()).toBe(1);
  });

  it('logs no listen key', async () => {
    const [key = '?'] = keys().of('main');
    stage.rig.simulator.faults.add({ where: 'stream', kind: 'refuse', stream: 'private', count: 2 });
    stage.rig.simulator.streams.drop('private');
    await until(isBack, 'the stream is back');
    expect(JSON.stringify(stage.rig.log, (_, value: unknown) => (value instanceof Error ? value.stack : value))).not.toContain(key);
  });

  it('hears nothing of another account on its own key', async () => {
    const stranger = await listening(stage.rig, stage.rig.other);
    await placed(stage.rig, stranger.session, order());
    await until(() => stranger.heard.orders.length === 1, 'the other account hears of it');
    expect(stage.heard).toEqual(Object.assign(new Heard(), { states: ['up'] }));
  });
});

describe('quotes of many instruments at MEXC', () => {
  const bases = Array.from({ length: 65 }, (_, index) => `C${index}`);
  const listed = bases.map((base) => ({
    startPrice: '100',
    instrument: {
      venue: 'simulated',
      symbol: `${base}/USDT`,
      base,
      quote: 'USDT',
      kind: 'spot' as const,
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
      status: 'trading' as const,
    },
  }));
  const stage = onStage(() => mexcRig({ instruments: listed }));

  it('takes another connection for every thirty, and fills the room that is left again', async () => {
    const seen = new Map<string, string>();
    const unwatch = bases.map((base) => stage.rig.venue.market.watchQuotes(`${base}/USDT`, ({ symbol, bid }) => seen.set(symbol, bid)));
    const subscriptions = (): number => stage.rig.simulator.streams.subscriptions - 2;
    await until(() => stage.rig.simulator.streams.count('public') === 3 && subscriptions() === 65, 'three connections carry all');
    for (const base of bases) stage.rig.simulator.world.setPrice(`${base}/USDT`, '200');
    await until(() => bases.every((base) => seen.get(`${base}/USDT`) === '199.99'), 'every quote is pushed');
    for (const end of unwatch.slice(0, 5)) end();
    for (const base of bases.slice(0, 5)) stage.rig.venue.market.watchQuotes(`${base}/USDT`, () => undefined);
    await until(() => subscriptions() === 65, 'all are watched again');
    expect(stage.rig.simulator.streams.count('public')).toBe(3);
  });
});
