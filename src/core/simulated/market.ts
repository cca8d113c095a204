/**
 * One instrument at a simulated exchange: its matching engine, its prices, and what the venue makes of a request. What orders
 * and fills move in the ledger is its settlement's affair, which differs between spot and perpetuals.
 */
import { type Instrument, Scale } from '../instrument.ts';
import { Matching } from '../matching/matching.ts';
import { type FillRule, type ReduceRule, rateFee, type SlippageModel } from '../matching/models.ts';
import { decimal } from '../money.ts';
import type { OrderRequest } from '../order.ts';
import type { FeeAsset } from '../risk.ts';
import { unitsOf } from './ledger.ts';

/** A third coin that fees are taken in while the account holds enough of it; otherwise the received coin pays. */
export interface FeeCoin {
  readonly asset: string;
  /** Price of the coin in the quote asset of every instrument it is used for. */
  readonly price: string;
}

export interface MarketRules {
  /** Of spot instruments; perpetuals charge their settle coin. */
  readonly feeAsset: Exclude<FeeAsset, 'other'>;
  readonly feeCoin: FeeCoin | null;
  readonly slippage: SlippageModel;
  readonly fillRule: FillRule;
  readonly halfSpreadTicks: number;
}

/** A market stop never buys above its trigger by more than this share: that much is bound for it beforehand. */
const STOP_PROTECTION = 0.05;

export class Market {
  readonly scale: Scale;
  readonly matching: Matching;
  /** One atom, lot and grain in ledger units. */
  readonly atom: bigint;
  readonly lot: bigint;
  readonly grain: bigint;
  isHalted: boolean;
  readonly #slippage: SlippageModel;

  constructor(instrument: Instrument, rules: MarketRules, reducible: (market: Market) => ReduceRule) {
    this.scale = new Scale(instrument);
    this.isHalted = instrument.status === 'halted';
    this.#slippage = rules.slippage;
    const feeAsset = this.scale.isPerpetual ? 'quote' : rules.feeCoin === null ? rules.feeAsset : 'other';
    this.matching = new Matching({
      fee: rateFee(this.scale.makerFee, this.scale.takerFee, feeAsset),
      slippage: rules.slippage,
      fillRule: rules.fillRule,
      halfSpreadTicks: rules.halfSpreadTicks,
      ...(this.scale.isPerpetual ? { reducible: reducible(this) } : {}),
    });
    this.atom = unitsOf(decimal(instrument.priceIncrement).times(instrument.sizeIncrement));
    this.lot = unitsOf(instrument.sizeIncrement);
    this.grain = unitsOf(this.scale.base(1));
  }

  get instrument(): Instrument {
    return this.scale.instrument;
  }

  /** The price that positions are valued at: half way between bid and ask; 0 before the first price. */
  get markTicks(): number {
    const { bidTicks, askTicks } = this.matching;
    return bidTicks > 0 ? Math.floor((bidTicks + askTicks) / 2) : 0;
  }

  /**
   * What the venue puts into the book for a request. A market stop becomes an immediate limit order within
   * {@link STOP_PROTECTION} of its trigger: what it can cost must be bound before it triggers. One that only closes costs nothing.
   */
  protect(request: OrderRequest): OrderRequest {
    if (request.type !== 'stopMarket' || request.side === 'sell' || request.reduceOnly) return request;
    return { ...request, type: 'stopLimit', timeInForce: 'ioc', priceTicks: Math.ceil(request.triggerTicks * (1 + STOP_PROTECTION)) };
  }

  /** The highest price a buy order can pay; 0 for sells and where nothing can be bought. */
  worstTicks(booked: OrderRequest): number {
    if (booked.side === 'sell') return 0;
    if (booked.priceTicks > 0) return booked.priceTicks;
    const { askTicks, liquidityLots } = this.matching;
    let worst = askTicks > 0 ? askTicks + this.#slippage('buy', booked.sizeLots, askTicks) : 0;
    if (askTicks > 0 && liquidityLots >= booked.sizeLots) return worst;
    for (const order of this.matching.orders.values()) if (order.side === 'sell' && order.type === 'limit') worst = Math.max(worst, order.priceTicks);
    return worst;
  }
}
