/** How a simulated exchange is set up, and what holds where nothing is said. */
import type { Instrument } from '../instrument.ts';
import type { FillRule, SlippageModel } from '../matching/models.ts';
import type { MarginMode } from '../perpetual-ports.ts';
import type { ExchangeListener } from './listener.ts';
import type { FeeCoin, MarketRules } from './market.ts';

export interface SimulatedExchangeOptions {
  readonly instruments: readonly Instrument[];
  /** Default `received`: the coin that the trade brings pays the fee. */
  readonly feeAsset?: 'received' | 'quote';
  readonly feeCoin?: FeeCoin;
  readonly slippage?: SlippageModel;
  readonly fillRule?: FillRule;
  /** Used by {@link SimulatedExchange.movePrice} only. */
  readonly halfSpreadTicks?: number;
  /** `open`: a client id may come again once its order is over, as at Binance. `ever`: never again within the history kept. */
  readonly clientIdScope?: 'open' | 'ever';
  /** What becomes of a post-only order that would trade at once: `refused`, or accepted and `expired` without a trade. */
  readonly takingPostOnly?: 'refused' | 'expired';
  /** Open orders of one account in one instrument. */
  readonly maxOpenOrders?: number;
  /** Orders that are over, and fills, that are kept; the oldest go first. */
  readonly historyLimit?: number;
  /** Of perpetuals: a reduce-only order for more than there is to reduce is `refused`, or `shrunk` to what there is. Default `refused`. */
  readonly reduceOnlyExcess?: 'refused' | 'shrunk';
  /** Whether spot and perpetuals draw on one wallet or each on their own. Default `shared`. */
  readonly wallets?: 'shared' | 'apart';
  /** Of a position whose account has said nothing; at most what the instrument allows. Default 1. */
  readonly leverage?: number;
  /** Default `cross`. */
  readonly marginMode?: MarginMode;
  /** Hears all that happens in place of {@link SimulatedExchange.takeEvents}; no executions and no orders that are over are kept then. */
  readonly listener?: ExchangeListener;
  /** Put before venue order and trade ids, so that they stay unique when the exchange starts anew. */
  readonly idPrefix?: string;
}

export interface ExchangeSettings extends MarketRules {
  readonly clientIdScope: 'open' | 'ever';
  readonly takingPostOnly: 'refused' | 'expired';
  readonly maxOpenOrders: number;
  readonly historyLimit: number;
  readonly reduceOnlyExcess: 'refused' | 'shrunk';
  readonly wallets: 'shared' | 'apart';
  readonly leverage: number;
  readonly marginMode: MarginMode;
  readonly idPrefix: string;
}

/** The options with their defaults. */
export function settingsOf(options: SimulatedExchangeOptions): ExchangeSettings {
  return {
    feeAsset: options.feeAsset ?? 'received',
    feeCoin: options.feeCoin ?? null,
    slippage: options.slippage ?? (() => 0),
    fillRule: options.fillRule ?? 'touch',
    halfSpreadTicks: options.halfSpreadTicks ?? 0,
    clientIdScope: options.clientIdScope ?? 'open',
    takingPostOnly: options.takingPostOnly ?? 'refused',
    maxOpenOrders: options.maxOpenOrders ?? 200,
    historyLimit: options.listener === undefined ? (options.historyLimit ?? 100_000) : 0,
    reduceOnlyExcess: options.reduceOnlyExcess ?? 'refused',
    wallets: options.wallets ?? 'shared',
    leverage: options.leverage ?? 1,
    marginMode: options.marginMode ?? 'cross',
    idPrefix: options.idPrefix ?? '',
  };
}
