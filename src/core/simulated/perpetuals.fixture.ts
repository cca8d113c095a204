/** A perpetual and a spot instrument at one simulated exchange: what the tests of positions are told in. */
import type { Instrument } from '../instrument.ts';
import { type Answer, type AskedOrder, SimulatedExchange, type SimulatedExchangeOptions } from '../simulated-exchange.ts';

export const HOUR_MS = 3_600_000;

/** Ticks of 0.1, lots of 0.001: an atom is 0.0001 USDT. */
export const PERPETUAL: Instrument = {
  venue: 'simulated',
  symbol: 'BTC/USDT:USDT',
  kind: 'perpetual',
  base: 'BTC',
  quote: 'USDT',
  settle: 'USDT',
  perpetual: { contractSize: '0.001', fundingIntervalMs: 8 * HOUR_MS, maxLeverage: 100, maintenanceMarginRate: '0.005' },
  priceIncrement: '0.1',
  sizeIncrement: '0.001',
  minPrice: '0.1',
  maxPrice: '1000000',
  minSize: '0.001',
  maxSize: '1000',
  minNotional: '5',
  makerFeeRate: '0.0002',
  takerFeeRate: '0.0005',
  status: 'trading',
};

export const SPOT: Instrument = {
  ...PERPETUAL,
  symbol: 'BTC/USDT',
  kind: 'spot',
  perpetual: null,
  makerFeeRate: '0.001',
  takerFeeRate: '0.001',
};

export const SYMBOL = PERPETUAL.symbol;

/** Ann and Ben hold 10,000 USDT each, at 10 times leverage; the price stands at 50,000. */
export function opened(options: Partial<SimulatedExchangeOptions> = {}): SimulatedExchange {
  const exchange = new SimulatedExchange({ instruments: [PERPETUAL, SPOT], leverage: 10, ...options });
  for (const account of ['ann', 'ben']) exchange.deposit(account, 'USDT', '10000', 0, options.wallets === 'apart' ? 'perpetual' : 'spot');
  at(exchange, '50000');
  exchange.takeEvents();
  return exchange;
}

/** Sets bid and ask to one price. */
export function at(exchange: SimulatedExchange, price: string, time = 1, liquidityLots?: number): void {
  const ticks = exchange.scale(SYMBOL)?.ticks(price, 'nearest') ?? 0;
  exchange.setQuote(SYMBOL, ticks, ticks, time, liquidityLots);
}

let count = 0;

export function market(side: 'buy' | 'sell', size: string, more: Partial<AskedOrder> = {}): AskedOrder {
  count += 1;
  const bare = { price: null, triggerPrice: null, timeInForce: 'ioc', postOnly: false } as const;
  return { clientOrderId: `c${count}`, symbol: SYMBOL, side, type: 'market', size, ...bare, ...more };
}

export function limit(side: 'buy' | 'sell', price: string, size: string, more: Partial<AskedOrder> = {}): AskedOrder {
  return market(side, size, { type: 'limit', price, timeInForce: 'gtc', ...more });
}

/** The reason of a refusal, or the status of the order. */
export function outcome(answer: Answer): string {
  return answer.ok ? answer.order.status : answer.reason;
}

/** Free and locked USDT of an account. */
export function usdt(exchange: SimulatedExchange, account: string, wallet: 'spot' | 'perpetual' = 'spot'): string {
  const held = exchange.balances(account, wallet).find(({ asset }) => asset === 'USDT');
  return `${held?.free ?? '0'} + ${held?.locked ?? '0'}`;
}
