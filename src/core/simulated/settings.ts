/** How a simulated exchange is set up, and what holds where nothing is said. */
import type { Instrument } from '../instrument.ts';
import type { FillRule, SlippageModel } from '../matching/models.ts';
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
  /** Put before venue order and trade ids, so that they stay unique when the exchange starts anew. */
  readonly idPrefix?: string;
}

export interface ExchangeSettings extends MarketRules {
  readonly clientIdScope: 'open' | 'ever';
  readonly takingPostOnly: 'refused' | 'expired';
  readonly maxOpenOrders: number;
  readonly historyLimit: number;
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
    historyLimit: options.historyLimit ?? 100_000,
    idPrefix: options.idPrefix ?? '',
  };
}
