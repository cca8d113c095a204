/**
 * A small instrument, a scripted strategy and short ways to write events: what the tests of the engine are told in.
 */

import type { Event, Liquidation } from '../events.ts';
import { GRAINS_PER_LOT, type Instrument, Scale } from '../instrument.ts';
import type { Order, OrderRequest } from '../order.ts';
import type { Fill } from '../position.ts';
import type { TradingState } from '../risk.ts';
import { type Context, defineStrategy, type StrategyEvent } from '../strategy.ts';
import { Engine, type RunSetup } from './engine.ts';
import type { RunState } from './run-state.ts';

/** Ticks of 0.01, lots of 0.001, so an atom is 0.00001 USDT; orders from 1 USDT (100000 atoms) on. */
export const INSTRUMENT: Instrument = {
  venue: 'paper',
  symbol: 'BTC/USDT',
  base: 'BTC',
  quote: 'USDT',
  kind: 'spot',
  settle: 'USDT',
  perpetual: null,
  priceIncrement: '0.01',
  sizeIncrement: '0.001',
  minPrice: '0.01',
  maxPrice: '1000000',
  minSize: '0.001',
  maxSize: '9000',
  minNotional: '1',
  makerFeeRate: '0.001',
  takerFeeRate: '0.001',
  status: 'trading',
};

export const SCALE = new Scale(INSTRUMENT);

/** The same as a perpetual, whose taker pays 0.05 %. */
export const PERPETUAL_SCALE = new Scale({
  ...INSTRUMENT,
  symbol: 'BTC/USDT:USDT',
  kind: 'perpetual',
  perpetual: { contractSize: '0.001', fundingIntervalMs: 28_800_000, maxLeverage: 100, maintenanceMarginRate: '0.005' },
  makerFeeRate: '0.0002',
  takerFeeRate: '0.0005',
});

/** The market of the tests: 100.00 / 100.02. */
export const BID = 10_000;
export const ASK = 10_002;

/** What a scripted strategy remembers: what it was told, and the ids of its orders. */
export interface Seen {
  readonly told: string[];
  readonly ids: string[];
}

export interface Script {
  readonly onStart?: (context: Context, seen: Seen) => void;
  readonly on?: (context: Context, event: StrategyEvent, seen: Seen) => void;
  readonly wantsQuotes?: boolean;
}

/** A strategy that writes down what it hears and then does what the script says. */
export function scripted(script: Script) {
  return defineStrategy({
    name: 'scripted',
    version: 1,
    title: { en: 'Scripted', ru: 'Сценарий' },
    summary: { en: 'Does what a test says.', ru: 'Делает то, что велит тест.' },
    params: {},
    wants: { bars: true, quotes: script.wantsQuotes ?? false },
    plan: () => ({ ok: true, quoteAtoms: 0, baseGrains: 0, preview: {} }),
    start(context): Seen {
      const seen: Seen = { told: [], ids: [] };
      script.onStart?.(context, seen);
      return seen;
    },
    on(context, seen: Seen, event) {
      seen.told.push(describe(event));
      script.on?.(context, event, seen);
    },
  });
}

function describe(event: StrategyEvent): string {
  switch (event.type) {
    case 'orderAccepted':
      return `accepted ${event.order.tag}`;
    case 'orderFilled':
      return `filled ${event.order.tag} ${event.fill.sizeLots} (${event.order.filledLots}/${event.order.sizeLots})`;
    case 'orderClosed':
      return `closed ${event.order.tag} ${event.code}`;
    case 'timerFired':
      return `timer ${event.name}`;
    case 'priceReached':
      return `price ${event.priceTicks}`;
    default:
      return event.type;
  }
}

export function setupOf(script: Script, change: Partial<RunSetup> = {}): RunSetup {
  return {
    strategy: scripted(script) as RunSetup['strategy'],
    params: {},
    scale: SCALE,
    feeAsset: 'received',
    limits: { budgetAtoms: 1_000_000_000, maxOrderAtoms: 500_000_000, maxOpenOrders: 10, priceCollar: 0.1, ordersPerMinute: 60 },
    owner: { installation: 7, kind: 'bot', number: 3 },
    lentGrains: 0,
    ...change,
  };
}

/** A run that has seen its first price and its owner at time 0, and the strategy's memory. */
export function started(script: Script, change: Partial<RunSetup> = {}): { readonly engine: Engine; readonly seen: Seen } {
  const engine = new Engine(setupOf(script, change));
  engine.step({ type: 'quoteChanged', at: 0, bidTicks: BID, askTicks: ASK });
  engine.step({ type: 'runStarted', at: 0, epoch: 1 });
  return { engine, seen: engine.state.strategy as Seen };
}

/** The same run as its next owner finds it: from the text of its snapshot. */
export function restored(engine: Engine): Engine {
  return new Engine(engine.setup, JSON.parse(JSON.stringify(engine.snapshot())) as RunState);
}

export function limit(side: 'buy' | 'sell', priceTicks: number, sizeLots: number, tag: string = side): OrderRequest {
  return { side, type: 'limit', priceTicks, triggerTicks: 0, sizeLots, timeInForce: 'gtc', postOnly: false, reduceOnly: false, tag };
}

export function market(side: 'buy' | 'sell', sizeLots: number, tag: string = side): OrderRequest {
  return { side, type: 'market', priceTicks: 0, triggerTicks: 0, sizeLots, timeInForce: 'ioc', postOnly: false, reduceOnly: false, tag };
}

let trades = 0;

export function fillOf(side: 'buy' | 'sell', priceTicks: number, sizeLots: number): Fill {
  trades += 1;
  return { tradeId: `t${trades}`, side, priceTicks, sizeLots, feeGrains: 0, feeAtoms: 0, otherFeeAtoms: 0, isMaker: true };
}

export const grains = (lots: number): number => lots * GRAINS_PER_LOT;

/** Events about one order, by its id. */
export const event = {
  accepted: (clientOrderId: string, at = 1): Event => ({ type: 'orderAccepted', at, clientOrderId, venueOrderId: `v-${clientOrderId}` }),
  filled: (order: Pick<Order, 'clientOrderId' | 'side' | 'priceTicks'>, sizeLots: number, priceTicks = order.priceTicks, at = 1): Event => ({
    type: 'orderFilled',
    at,
    clientOrderId: order.clientOrderId,
    fill: fillOf(order.side, priceTicks, sizeLots),
  }),
  rejected: (clientOrderId: string, at = 1): Event => ({ type: 'orderRejected', at, clientOrderId, code: 'venue_says_no', message: 'no' }),
  cancelled: (clientOrderId: string, at = 1): Event => ({ type: 'orderCancelled', at, clientOrderId }),
  expired: (clientOrderId: string, at = 1): Event => ({ type: 'orderExpired', at, clientOrderId }),
  unknown: (clientOrderId: string, at = 1): Event => ({ type: 'orderUnknown', at, clientOrderId }),
  cancelRequested: (clientOrderId: string, at = 1): Event => ({ type: 'cancelRequested', at, clientOrderId }),
  stop: (liquidation: Liquidation, at = 1, reason = 'asked'): Event => ({ type: 'stopRequested', at, liquidation, reason }),
  pause: (at = 1): Event => ({ type: 'pauseRequested', at }),
  resume: (at = 1): Event => ({ type: 'resumeRequested', at }),
  quote: (bidTicks: number, askTicks: number, at = 1): Event => ({ type: 'quoteChanged', at, bidTicks, askTicks }),
  trading: (tradingState: TradingState, at = 1): Event => ({ type: 'tradingStateChanged', at, tradingState }),
  timer: (name: string, at = 1): Event => ({ type: 'timerFired', at, name }),
  started: (epoch: number, at = 1): Event => ({ type: 'runStarted', at, epoch }),
};
