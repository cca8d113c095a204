/**
 * One instrument at a simulated exchange: its matching engine, what its orders bind, and what its fills move in the ledger.
 */
import { feeOn, type Instrument, Scale } from '../instrument.ts';
import { Matching } from '../matching/matching.ts';
import { type ChargedFee, type FeeModel, type FillRule, type MatchingModels, rateFee, type SlippageModel } from '../matching/models.ts';
import { decimal } from '../money.ts';
import type { OrderRequest, Side } from '../order.ts';
import type { Fill } from '../position.ts';
import type { FeeAsset } from '../risk.ts';
import { amountOf, type Ledger, unitsOf } from './ledger.ts';

/** A third coin that fees are taken in while the account holds enough of it; otherwise the received coin pays. */
export interface FeeCoin {
  readonly asset: string;
  /** Price of the coin in the quote asset of every instrument it is used for. */
  readonly price: string;
}

export interface MarketRules {
  readonly feeAsset: Exclude<FeeAsset, 'other'>;
  readonly feeCoin: FeeCoin | null;
  readonly slippage: SlippageModel;
  readonly fillRule: FillRule;
  readonly halfSpreadTicks: number;
}

/** A market stop never buys above its trigger by more than this share: that much is bound for it beforehand. */
const STOP_PROTECTION = 0.05;

/** Third coins are charged in steps of 10^-8, rounded up. */
const COIN_STEP = unitsOf('0.00000001');

export class Market {
  readonly scale: Scale;
  readonly matching: Matching;
  isHalted: boolean;
  readonly #rules: MarketRules;
  readonly #models: MatchingModels;
  readonly #receivedFee: FeeModel;
  readonly #atom: bigint;
  readonly #grain: bigint;
  readonly #lot: bigint;

  constructor(instrument: Instrument, rules: MarketRules) {
    this.scale = new Scale(instrument);
    this.isHalted = instrument.status === 'halted';
    this.#rules = rules;
    this.#models = {
      fee: rateFee(this.scale.makerFee, this.scale.takerFee, rules.feeCoin === null ? rules.feeAsset : 'other'),
      slippage: rules.slippage,
      fillRule: rules.fillRule,
      halfSpreadTicks: rules.halfSpreadTicks,
    };
    this.#receivedFee = rateFee(this.scale.makerFee, this.scale.takerFee, 'received');
    this.matching = new Matching(this.#models);
    this.#atom = unitsOf(decimal(instrument.priceIncrement).times(instrument.sizeIncrement));
    this.#lot = unitsOf(instrument.sizeIncrement);
    this.#grain = unitsOf(this.scale.base(1));
  }

  get instrument(): Instrument {
    return this.scale.instrument;
  }

  /** The asset that open orders of one side bind. */
  boundAsset(side: Side): string {
    return side === 'buy' ? this.instrument.quote : this.instrument.base;
  }

  /**
   * What the venue puts into the book for a request. A market stop becomes an immediate limit order within
   * {@link STOP_PROTECTION} of its trigger: what it can cost must be bound before it triggers.
   */
  protect(request: OrderRequest): OrderRequest {
    if (request.type !== 'stopMarket' || request.side === 'sell') return request;
    return { ...request, type: 'stopLimit', timeInForce: 'ioc', priceTicks: Math.ceil(request.triggerTicks * (1 + STOP_PROTECTION)) };
  }

  /** The highest price a buy order can pay; 0 for sells and where nothing can be bought. */
  worstTicks(booked: OrderRequest): number {
    if (booked.side === 'sell') return 0;
    if (booked.priceTicks > 0) return booked.priceTicks;
    const { askTicks, liquidityLots } = this.matching;
    let worst = askTicks > 0 ? askTicks + this.#rules.slippage('buy', booked.sizeLots, askTicks) : 0;
    if (askTicks > 0 && liquidityLots >= booked.sizeLots) return worst;
    for (const order of this.matching.orders.values()) if (order.side === 'sell' && order.type === 'limit') worst = Math.max(worst, order.priceTicks);
    return worst;
  }

  /** What `lots` still to be traded bind, in ledger units. */
  bound(side: Side, worstTicks: number, lots: number): bigint {
    if (side === 'sell') return BigInt(lots) * this.#lot;
    const atoms = BigInt(worstTicks) * BigInt(lots);
    if (this.#rules.feeAsset !== 'quote' || this.#rules.feeCoin !== null) return atoms * this.#atom;
    // Every fill rounds its fee up, and there are at most as many fills as lots.
    const fee = BigInt(feeOn(Number(atoms), Math.max(this.scale.makerFee, this.scale.takerFee))) + BigInt(lots);
    return (atoms + fee) * this.#atom;
  }

  /** Moves both legs and the fee of a fill whose bound amount has been released; returns the fee as it was taken. */
  settle(account: string, fill: Fill, ledger: Ledger): { readonly feeAsset: string; readonly feeAmount: string } {
    const { base, quote } = this.instrument;
    const value = BigInt(fill.priceTicks) * BigInt(fill.sizeLots) * this.#atom;
    const size = BigInt(fill.sizeLots) * this.#lot;
    if (fill.side === 'buy') {
      ledger.trade(account, quote, -value);
      ledger.trade(account, base, size);
    } else {
      ledger.trade(account, base, -size);
      ledger.trade(account, quote, value);
    }
    const fee = this.#fee(account, fill, ledger);
    ledger.charge(account, fee.asset, fee.units);
    return { feeAsset: fee.asset, feeAmount: amountOf(fee.units) };
  }

  #fee(account: string, fill: Fill, ledger: Ledger): { readonly asset: string; readonly units: bigint } {
    const { feeCoin } = this.#rules;
    if (feeCoin === null) return this.#plainFee(fill.side, fill);
    const price = unitsOf(feeCoin.price);
    const exact = BigInt(fill.otherFeeAtoms) * this.#atom * unitsOf('1');
    const steps = (exact + price * COIN_STEP - 1n) / (price * COIN_STEP);
    if (ledger.holding(account, feeCoin.asset).free >= steps * COIN_STEP) return { asset: feeCoin.asset, units: steps * COIN_STEP };
    return this.#plainFee(fill.side, this.#receivedFee(fill.side, fill.priceTicks, fill.sizeLots, fill.isMaker));
  }

  #plainFee(side: Side, fee: ChargedFee): { readonly asset: string; readonly units: bigint } {
    if (side === 'buy' && fee.feeAtoms === 0) return { asset: this.instrument.base, units: BigInt(fee.feeGrains) * this.#grain };
    return { asset: this.instrument.quote, units: BigInt(fee.feeAtoms) * this.#atom };
  }
}
