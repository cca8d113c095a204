import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instrument } from './instrument.ts';
import { type Decimal, decimal, plain } from './money.ts';
import { type AskedOrder, type ExchangeEvent, isOpen, SimulatedExchange, type SimulatedExchangeOptions } from './simulated-exchange.ts';

const BTC: Instrument = {
  venue: 'test',
  symbol: 'BTC/USDT',
  base: 'BTC',
  quote: 'USDT',
  kind: 'spot',
  settle: 'USDT',
  perpetual: null,
  priceIncrement: '0.01',
  sizeIncrement: '0.00001',
  minPrice: '0.01',
  maxPrice: '1000000',
  minSize: '0.00001',
  maxSize: '9000',
  minNotional: '5',
  makerFeeRate: '0.001',
  takerFeeRate: '0.002',
  status: 'trading',
};

function exchange(options: Partial<SimulatedExchangeOptions> = {}): SimulatedExchange {
  const made = new SimulatedExchange({ instruments: [BTC], ...options });
  made.deposit('ann', 'USDT', '10000', 0);
  made.deposit('ann', 'BTC', '1', 0);
  made.setQuote('BTC/USDT', 5_000_000, 5_000_100, 0);
  made.takeEvents();
  return made;
}

function limit(side: 'buy' | 'sell', price: string, size: string, clientOrderId = 'one', more: Partial<AskedOrder> = {}): AskedOrder {
  return { clientOrderId, symbol: 'BTC/USDT', side, type: 'limit', price, triggerPrice: null, size, timeInForce: 'gtc', postOnly: false, ...more };
}

function market(side: 'buy' | 'sell', size: string, clientOrderId = 'one'): AskedOrder {
  return limit(side, '1', size, clientOrderId, { type: 'market', price: null });
}

function held(made: SimulatedExchange, asset: string, account = 'ann'): string {
  const balance = made.balances(account).find((each) => each.asset === asset);
  return `${balance?.free ?? '0'} + ${balance?.locked ?? '0'}`;
}

function reasonOf(made: SimulatedExchange, asked: AskedOrder): string {
  const answer = made.place('ann', asked, 1);
  return answer.ok ? 'accepted' : answer.reason;
}

describe('placing and cancelling', () => {
  it('locks what a resting order binds and releases it on cancel', () => {
    const made = exchange();
    expect(made.place('ann', limit('buy', '40000', '0.1'), 1).ok).toBe(true);
    expect(held(made, 'USDT')).toBe('6000 + 4000');
    expect(made.cancel('ann', 'BTC/USDT', { clientOrderId: 'one' }, 2)).toMatchObject({ ok: true, order: { status: 'cancelled', updatedAt: 2 } });
    expect(held(made, 'USDT')).toBe('10000 + 0');
    expect(made.cancel('ann', 'BTC/USDT', { clientOrderId: 'one' }, 3)).toEqual({ ok: false, reason: 'unknownOrder' });
  });

  it('takes the fee from the received coin, by maker and taker rate', () => {
    const made = exchange();
    made.place('ann', market('buy', '0.1'), 1);
    expect(held(made, 'BTC')).toBe('1.0998 + 0');
    expect(held(made, 'USDT')).toBe('4999.9 + 0');
    made.place('ann', limit('sell', '51000', '0.1'), 2);
    made.setQuote('BTC/USDT', 5_100_000, 5_100_100, 3);
    expect(held(made, 'USDT')).toBe('10094.8 + 0');
    expect(made.fillsSince('ann', 'BTC/USDT', 0)).toMatchObject([
      { tradeId: '1', feeAsset: 'BTC', feeAmount: '0.0002', isMaker: false, at: 1, clientOrderId: 'one' },
      { tradeId: '2', feeAsset: 'USDT', feeAmount: '5.1', isMaker: true, at: 3, priceTicks: 5_100_000 },
    ]);
    expect(made.fillsSince('ann', 'BTC/USDT', 3)).toHaveLength(1);
  });

  it('charges a third coin while there is enough of it, then the received coin', () => {
    const made = exchange({ feeCoin: { asset: 'BNB', price: '500' } });
    made.deposit('ann', 'BNB', '0.01', 0);
    made.place('ann', market('buy', '0.01', 'a'), 1);
    expect(held(made, 'BNB')).toBe('0.00799996 + 0');
    made.place('ann', market('buy', '0.1', 'b'), 2);
    expect(made.fillsSince('ann', 'BTC/USDT', 0).map((fill) => `${fill.feeAmount} ${fill.feeAsset}`)).toEqual(['0.00200004 BNB', '0.0002 BTC']);
  });

  it('fills a part when the market is thin and keeps the rest bound', () => {
    const made = exchange();
    made.place('ann', limit('buy', '49000', '0.1'), 1);
    made.setQuote('BTC/USDT', 4_890_000, 4_890_100, 2, 4_000);
    expect(made.find('ann', 'BTC/USDT', { clientOrderId: 'one' })).toMatchObject({
      status: 'partiallyFilled',
      filledLots: 4_000,
      filledAtoms: 4_000 * 4_900_000,
    });
    expect(held(made, 'USDT')).toBe('5100 + 2940');
  });

  it('refuses a market order whose slippage the balance does not cover', () => {
    const made = exchange({ slippage: () => 10_000 });
    expect(reasonOf(made, market('buy', '0.1999'))).toBe('insufficientBalance');
    expect(reasonOf(made, market('buy', '0.199'))).toBe('accepted');
    expect(held(made, 'USDT')).toBe('29.901 + 0');
  });

  it('refuses a market order that could climb past the balance in a thin market', () => {
    const made = exchange();
    made.deposit('bob', 'BTC', '1', 0);
    made.place('bob', limit('sell', '90000', '0.5', 'dear'), 1);
    made.setQuote('BTC/USDT', 5_000_000, 5_000_100, 2, 10_000);
    expect(reasonOf(made, market('buy', '0.15'))).toBe('insufficientBalance');
    expect(reasonOf(made, market('buy', '0.11'))).toBe('accepted');
    expect(made.fillsSince('ann', 'BTC/USDT', 0).map((fill) => [fill.priceTicks, fill.sizeLots])).toEqual([
      [5_000_100, 10_000],
      [9_000_000, 1_000],
    ]);
  });

  it('binds enough for fees in quote that are rounded up fill by fill', () => {
    const made = new SimulatedExchange({ instruments: [{ ...BTC, makerFeeRate: '0.002' }], feeAsset: 'quote' });
    made.setQuote('BTC/USDT', 5_000_000, 5_000_100, 0);
    made.deposit('ann', 'USDT', '98.1960201', 0);
    expect(reasonOf(made, limit('buy', '49000.01', '0.002'))).toBe('insufficientBalance');
    made.deposit('ann', 'USDT', '0.00002', 0);
    expect(reasonOf(made, limit('buy', '49000.01', '0.002'))).toBe('accepted');
    for (let fill = 0; fill < 200; fill += 1) made.setQuote('BTC/USDT', 4_900_000, 4_900_001, 1, 1);
    expect(made.find('ann', 'BTC/USDT', { clientOrderId: 'one' })?.status).toBe('filled');
    expect(held(made, 'USDT')).toBe('0.0000001 + 0');
  });

  it('tells every change in sequence: order, fill, balances', () => {
    const made = exchange();
    made.place('ann', market('buy', '0.1'), 1);
    const events = made.takeEvents();
    expect(events.map((event) => event.type)).toEqual(['order', 'balances', 'fill', 'balances']);
    expect(events[0]).toMatchObject({ cause: 'accepted', order: { status: 'open', filledLots: 0 } });
    expect(events[2]).toMatchObject({ order: { status: 'filled' }, fill: { sizeLots: 10_000 } });
    expect(made.takeEvents()).toEqual([]);
  });

  it('lets accounts trade with each other at the price that rested first', () => {
    const made = exchange();
    made.deposit('bob', 'BTC', '1', 0);
    made.place('ann', limit('buy', '50000.50', '0.1'), 1);
    made.place('bob', limit('sell', '50000.10', '0.1', 'hers'), 2);
    expect(made.fillsSince('bob', 'BTC/USDT', 0)).toMatchObject([{ priceTicks: 5_000_050, isMaker: false }]);
    expect(made.counterparts().outside.get('BTC')).toBe('0');
  });

  it.each([
    ['unknownSymbol', limit('buy', '40000', '0.1', 'x', { symbol: 'ETH/USDT' })],
    ['priceFilter', limit('buy', '40000.001', '0.1')],
    ['priceFilter', limit('buy', '0', '0.1')],
    ['priceFilter', limit('buy', '2000000', '0.1')],
    ['priceFilter', limit('buy', '1e3', '0.1')],
    ['priceFilter', { ...market('buy', '0.1'), price: '1' }],
    ['lotSize', limit('buy', '40000', '0.000001')],
    ['lotSize', limit('buy', '40000', '-1')],
    ['lotSize', limit('buy', '1', '9001')],
    ['minNotional', limit('buy', '40000', '0.0001')],
    ['minNotional', market('buy', '0.00001')],
    ['insufficientBalance', limit('buy', '40000', '0.26')],
    ['insufficientBalance', limit('sell', '60000', '1.00001')],
    ['insufficientBalance', market('buy', '0.2')],
    ['wouldTake', limit('buy', '50001', '0.1', 'x', { postOnly: true })],
    ['wouldTrigger', limit('buy', '60000', '0.1', 'x', { type: 'stopLimit', triggerPrice: '50000' })],
    ['notAllowed', { ...market('buy', '0.1'), postOnly: true }],
    ['maxNotional', limit('buy', '1000000', '9000')],
  ])('refuses with %s and changes nothing', (reason, asked) => {
    const made = exchange();
    expect(reasonOf(made, asked)).toBe(reason);
    expect(held(made, 'USDT')).toBe('10000 + 0');
    expect(held(made, 'BTC')).toBe('1 + 0');
    expect(made.orders('ann')).toEqual([]);
    expect(made.takeEvents()).toEqual([]);
    expect(made.find('ann', 'BTC/USDT', { clientOrderId: asked.clientOrderId })).toBeNull();
  });

  it('refuses while halted and past the number of open orders', () => {
    const made = exchange({ maxOpenOrders: 2 });
    made.setHalted('BTC/USDT', true);
    expect(reasonOf(made, limit('buy', '40000', '0.001'))).toBe('marketHalted');
    made.setHalted('BTC/USDT', false);
    expect(['a', 'b', 'c'].map((id) => reasonOf(made, limit('buy', '40000', '0.001', id)))).toEqual(['accepted', 'accepted', 'tooManyOrders']);
  });

  it('refuses a client id only while its order is open, or for ever', () => {
    const open = exchange({ clientIdScope: 'open' });
    expect(reasonOf(open, limit('buy', '40000', '0.01'))).toBe('accepted');
    expect(reasonOf(open, limit('buy', '40000', '0.01'))).toBe('duplicateClientOrderId');
    open.cancel('ann', 'BTC/USDT', { clientOrderId: 'one' }, 2);
    expect(reasonOf(open, limit('buy', '40000', '0.01'))).toBe('accepted');
    expect(open.find('ann', 'BTC/USDT', { clientOrderId: 'one' })?.venueOrderId).toBe('2');
    const ever = exchange({ clientIdScope: 'ever' });
    expect([1, 2].map(() => reasonOf(ever, market('buy', '0.01')))).toEqual(['accepted', 'duplicateClientOrderId']);
  });

  it('may accept a post-only order that would trade at once, and end it without a trade', () => {
    const made = exchange({ takingPostOnly: 'expired' });
    const answer = made.place('ann', limit('buy', '50001', '0.1', 'one', { postOnly: true }), 1);
    expect(answer).toMatchObject({ ok: true, order: { status: 'expired', filledLots: 0 } });
    expect(made.find('ann', 'BTC/USDT', { clientOrderId: 'one' })).toMatchObject({ status: 'expired' });
    expect(made.takeEvents()).toMatchObject([
      { type: 'order', cause: 'expired' },
      { type: 'balances', changed: [{ asset: 'USDT', free: '10000', locked: '0' }] },
    ]);
    expect(made.openOrders('ann')).toEqual([]);
  });

  it('never shows one account the orders of another', () => {
    const made = exchange();
    made.place('ann', limit('buy', '40000', '0.1'), 1);
    expect(made.find('bob', 'BTC/USDT', { venueOrderId: '1' })).toBeNull();
    expect(made.cancel('bob', 'BTC/USDT', { venueOrderId: '1' }, 2).ok).toBe(false);
    expect(made.openOrders('bob')).toEqual([]);
  });
});

describe('stops, limits in time and history', () => {
  it('buys at a market stop for no more than was bound at its trigger', () => {
    const made = exchange();
    made.place('ann', limit('buy', '1', '0.1', 'stop', { type: 'stopMarket', price: null, triggerPrice: '51000' }), 1);
    expect(held(made, 'USDT')).toBe('4645 + 5355');
    made.setQuote('BTC/USDT', 5_199_900, 5_200_000, 2);
    expect(made.find('ann', 'BTC/USDT', { clientOrderId: 'stop' })).toMatchObject({ status: 'filled', isTriggered: true });
    expect(held(made, 'USDT')).toBe('4800 + 0');
  });

  it('expires an immediate order that finds no counterpart', () => {
    const made = exchange();
    expect(made.place('ann', limit('buy', '40000', '0.1', 'now', { timeInForce: 'ioc' }), 1)).toMatchObject({ ok: true, order: { status: 'expired' } });
    expect(held(made, 'USDT')).toBe('10000 + 0');
  });

  it('executes along the path in the sequence the price reaches orders', () => {
    const made = exchange();
    made.place('ann', limit('buy', '48000', '0.01', 'low'), 1);
    made.place('ann', limit('buy', '49000', '0.01', 'high'), 1);
    made.movePrice('BTC/USDT', 4_700_000, 2);
    expect(made.fillsSince('ann', 'BTC/USDT', 0).map((fill) => [fill.clientOrderId, fill.priceTicks])).toEqual([
      ['high', 4_900_000],
      ['low', 4_800_000],
    ]);
  });

  it('executes everything one quote reaches', () => {
    const made = exchange();
    for (const id of ['a', 'b', 'c']) made.place('ann', limit('buy', '49000', '0.01', id), 1);
    made.setQuote('BTC/USDT', 4_800_000, 4_800_100, 2);
    expect(made.openOrders('ann')).toEqual([]);
    expect(made.fillsSince('ann', 'BTC/USDT', 0)).toHaveLength(3);
  });

  it('keeps a bounded history of orders that are over', () => {
    const made = exchange({ historyLimit: 2 });
    for (const id of ['a', 'b', 'c']) made.place('ann', market('buy', '0.001', id), 1);
    expect(made.orders('ann').map((order) => order.clientOrderId)).toEqual(['b', 'c']);
    expect(made.find('ann', 'BTC/USDT', { clientOrderId: 'a' })).toBeNull();
  });

  it('takes back resting orders and continues them', () => {
    const made = exchange({ idPrefix: 'p7-' });
    const resting = { ...limit('buy', '49000', '0.1', 'mine'), venueOrderId: 'p6-12', filledSize: '0.04' };
    expect(made.restore('ann', resting, 5)).toMatchObject({ ok: true, order: { status: 'partiallyFilled', filledLots: 4_000 } });
    expect(held(made, 'USDT')).toBe('7060 + 2940');
    expect(made.restore('ann', resting, 5)).toEqual({ ok: false, reason: 'duplicateClientOrderId' });
    made.setQuote('BTC/USDT', 4_899_900, 4_900_000, 6);
    expect(made.fillsSince('ann', 'BTC/USDT', 0)).toMatchObject([{ tradeId: 'p7-1', venueOrderId: 'p6-12', sizeLots: 6_000 }]);
    expect(made.restore('ann', { ...resting, clientOrderId: 'big', venueOrderId: 'p6-13', size: '1' }, 7)).toEqual({
      ok: false,
      reason: 'insufficientBalance',
    });
  });

  it('withdraws only what is free', () => {
    const made = exchange();
    made.place('ann', limit('buy', '40000', '0.1'), 1);
    expect(made.deposit('ann', 'USDT', '-6000.01', 2)).toBe(false);
    expect(made.deposit('ann', 'USDT', '-6000', 2)).toBe(true);
    expect(held(made, 'USDT')).toBe('0 + 4000');
  });
});

type Step =
  | { readonly kind: 'place'; readonly account: string; readonly asked: AskedOrder }
  | { readonly kind: 'cancel'; readonly account: string; readonly id: string }
  | { readonly kind: 'quote'; readonly bid: number; readonly spread: number; readonly liquidity: number }
  | { readonly kind: 'path'; readonly to: number };

const ACCOUNTS = ['ann', 'bob', 'eve'];
const ticks = fc.integer({ min: 4_500_000, max: 5_500_000 });
const price = ticks.map((count) => plain(decimal(count).div(100)));
const asked = fc
  .record({
    side: fc.constantFrom<'buy' | 'sell'>('buy', 'sell'),
    type: fc.constantFrom<AskedOrder['type']>('limit', 'limit', 'limit', 'market', 'stopLimit', 'stopMarket'),
    price,
    trigger: price,
  })
  .chain(({ side, type, price: limitPrice, trigger }) =>
    fc
      .record({
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        lots: fc.integer({ min: 1, max: 30_000 }),
        tif: fc.constantFrom<AskedOrder['timeInForce']>('gtc', 'gtc', 'ioc', 'fok'),
        postOnly: fc.boolean(),
      })
      .map(
        ({ id, lots, tif, postOnly }): AskedOrder => ({
          clientOrderId: id,
          symbol: 'BTC/USDT',
          side,
          type,
          price: type === 'limit' || type === 'stopLimit' ? limitPrice : null,
          triggerPrice: type === 'stopLimit' || type === 'stopMarket' ? trigger : null,
          size: plain(decimal(lots).times('0.00001')),
          timeInForce: tif,
          postOnly: postOnly && type === 'limit' && tif === 'gtc',
        }),
      ),
  );
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('place' as const), account: fc.constantFrom(...ACCOUNTS), asked }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('cancel' as const), account: fc.constantFrom(...ACCOUNTS), id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('quote' as const),
      bid: ticks,
      spread: fc.integer({ min: 0, max: 500 }),
      liquidity: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.constant(Number.POSITIVE_INFINITY)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('path' as const), to: ticks }) },
);

function run(steps: readonly Step[], options: Partial<SimulatedExchangeOptions>, check: (made: SimulatedExchange) => void): ExchangeEvent[] {
  const made = new SimulatedExchange({ instruments: [BTC], halfSpreadTicks: 3, slippage: (_side, lots) => Math.floor(lots / 1_000), ...options });
  for (const account of ACCOUNTS)
    for (const [asset, amount] of [
      ['USDT', '20000'],
      ['BTC', '0.5'],
      ['BNB', '0.05'],
    ] as const)
      made.deposit(account, asset, amount, 0);
  const events: ExchangeEvent[] = [];
  let at = 0;
  for (const each of steps) {
    at += 1;
    if (each.kind === 'place') made.place(each.account, each.asked, at);
    else if (each.kind === 'cancel') made.cancel(each.account, 'BTC/USDT', { clientOrderId: each.id }, at);
    else if (each.kind === 'quote') made.setQuote('BTC/USDT', each.bid, each.bid + each.spread, at, each.liquidity);
    else made.movePrice('BTC/USDT', each.to, at);
    events.push(...made.takeEvents());
    check(made);
  }
  return events;
}

function total(made: SimulatedExchange, asset: string): Decimal {
  let sum = decimal(made.counterparts().outside.get(asset) ?? '0').plus(made.counterparts().fees.get(asset) ?? '0');
  for (const account of ACCOUNTS) for (const balance of made.balances(account)) if (balance.asset === asset) sum = sum.plus(balance.free).plus(balance.locked);
  return sum;
}

/** What open orders bind, computed from the orders alone. */
function boundByOrders(made: SimulatedExchange, account: string, asset: string): Decimal {
  let sum = decimal('0');
  for (const { request, filledLots } of made.openOrders(account)) {
    const size = decimal(request.sizeLots - filledLots).times('0.00001');
    if (request.side === 'sell' && asset === 'BTC') sum = sum.plus(size);
    const worst = request.type === 'stopMarket' ? Math.ceil(request.triggerTicks * 1.05) : request.priceTicks;
    if (request.side === 'buy' && asset === 'USDT') sum = sum.plus(size.times(worst).times('0.01'));
  }
  return sum;
}

describe('whatever is placed and however the price moves', () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 60 });

  it.each([
    ['received', {}],
    ['quote', { feeAsset: 'quote' as const }],
    ['third coin', { feeCoin: { asset: 'BNB', price: '500' } }],
  ])('no balance is negative, nothing is created or lost, with the fee in the %s', (_name, options) => {
    fc.assert(
      fc.property(steps, (given) => {
        run(given, options, (made) => {
          for (const account of ACCOUNTS)
            for (const { free, locked } of made.balances(account)) expect(decimal(free).gte(0) && decimal(locked).gte(0)).toBe(true);
          expect([plain(total(made, 'USDT')), plain(total(made, 'BTC')), plain(total(made, 'BNB'))]).toEqual(['60000', '1.5', '0.15']);
        });
      }),
      { numRuns: 150 },
    );
  });

  it('what is locked is what open orders bind', () => {
    fc.assert(
      fc.property(steps, (given) => {
        run(given, {}, (made) => {
          for (const account of ACCOUNTS)
            for (const asset of ['USDT', 'BTC'])
              expect(made.balances(account).find((balance) => balance.asset === asset)?.locked).toBe(plain(boundByOrders(made, account, asset)));
        });
      }),
      { numRuns: 150 },
    );
  });

  it('the events alone give the same orders and balances, gap-free', () => {
    fc.assert(
      fc.property(steps, (given) => {
        let last: SimulatedExchange | undefined;
        const events = run(given, {}, (made) => (last = made));
        const status = new Map<string, boolean>();
        const free = new Map<string, string>();
        events.forEach((event, index) => {
          if (index > 0) expect(event.sequence).toBe((events[index - 1]?.sequence ?? 0) + 1);
          if (event.type === 'balances') for (const balance of event.changed) free.set(event.account + balance.asset, balance.free);
          else if (event.type === 'order' || event.type === 'fill') status.set(event.order.venueOrderId, isOpen(event.order));
        });
        for (const account of ACCOUNTS) {
          expect(last?.openOrders(account).map((order) => order.venueOrderId)).toEqual(
            last
              ?.orders(account)
              .map((order) => order.venueOrderId)
              .filter((id) => status.get(id)),
          );
          for (const balance of last?.balances(account) ?? []) expect(free.get(account + balance.asset) ?? balance.free).toBe(balance.free);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('the same calls give the same events', () => {
    fc.assert(
      fc.property(steps, (given) => {
        expect(run(given, {}, () => undefined)).toEqual(run(given, {}, () => undefined));
      }),
      { numRuns: 30 },
    );
  });
});
