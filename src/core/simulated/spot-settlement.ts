/** How spot orders bind what they may cost, and what their fills move: both legs of the trade and the fee. */
import { feeOn } from '../instrument.ts';
import { type ChargedFee, type FeeModel, rateFee } from '../matching/models.ts';
import type { Side } from '../order.ts';
import type { Fill } from '../position.ts';
import { type Ledger, unitsOf } from './ledger.ts';
import type { Market, MarketRules } from './market.ts';
import type { Kept } from './register.ts';
import type { Settlement, TakenFee } from './settlement.ts';

/** Third coins are charged in steps of 10^-8, rounded up. */
const COIN_STEP = unitsOf('0.00000001');

export class SpotSettlement implements Settlement {
  readonly #ledger: Ledger;
  readonly #rules: MarketRules;

  constructor(ledger: Ledger, rules: MarketRules) {
    this.#ledger = ledger;
    this.#rules = rules;
  }

  bind(kept: Kept): boolean {
    return this.#ledger.lock(kept.order.account, boundAsset(kept), this.#bound(kept));
  }

  release(kept: Kept): void {
    this.#ledger.release(kept.order.account, boundAsset(kept), this.#bound(kept));
  }

  fill(kept: Kept, fill: Fill): TakenFee {
    const { order, market } = kept;
    this.#ledger.release(order.account, boundAsset(kept), this.#bound(kept, fill.sizeLots) - this.#bound(kept));
    return this.#settle(order.account, fill, market);
  }

  /** What is bound for an order, in ledger units; `more` lots are added to what is left of it. */
  #bound({ order, market, worstTicks }: Kept, more = 0): bigint {
    const { side, sizeLots } = order.request;
    const lots = sizeLots - order.filledLots + more;
    if (side === 'sell') return BigInt(lots) * market.lot;
    const atoms = BigInt(worstTicks) * BigInt(lots);
    if (this.#rules.feeAsset !== 'quote' || this.#rules.feeCoin !== null) return atoms * market.atom;
    // Every fill rounds its fee up, and there are at most as many fills as lots.
    const fee = BigInt(feeOn(Number(atoms), Math.max(market.scale.makerFee, market.scale.takerFee))) + BigInt(lots);
    return (atoms + fee) * market.atom;
  }

  #settle(account: string, fill: Fill, market: Market): TakenFee {
    const ledger = this.#ledger;
    const { base, quote } = market.instrument;
    const value = BigInt(fill.priceTicks) * BigInt(fill.sizeLots) * market.atom;
    const size = BigInt(fill.sizeLots) * market.lot;
    if (fill.side === 'buy') {
      ledger.trade(account, quote, -value);
      ledger.trade(account, base, size);
    } else {
      ledger.trade(account, base, -size);
      ledger.trade(account, quote, value);
    }
    const fee = this.#fee(account, fill, market);
    ledger.charge(account, fee.asset, fee.units);
    return { feeAsset: fee.asset, feeUnits: fee.units };
  }

  #fee(account: string, fill: Fill, market: Market): { readonly asset: string; readonly units: bigint } {
    const { feeCoin } = this.#rules;
    if (feeCoin === null) return plainFee(fill.side, fill, market);
    const price = unitsOf(feeCoin.price);
    const exact = BigInt(fill.otherFeeAtoms) * market.atom * unitsOf('1');
    const steps = (exact + price * COIN_STEP - 1n) / (price * COIN_STEP);
    if (this.#ledger.holding(account, feeCoin.asset).free >= steps * COIN_STEP) return { asset: feeCoin.asset, units: steps * COIN_STEP };
    return plainFee(fill.side, receivedFee(market)(fill.side, fill.priceTicks, fill.sizeLots, fill.isMaker), market);
  }
}

/** The asset that an open order binds. */
function boundAsset({ order, market }: Kept): string {
  return order.request.side === 'buy' ? market.instrument.quote : market.instrument.base;
}

function receivedFee({ scale }: Market): FeeModel {
  return rateFee(scale.makerFee, scale.takerFee, 'received');
}

function plainFee(side: Side, fee: ChargedFee, market: Market): { readonly asset: string; readonly units: bigint } {
  const { base, quote } = market.instrument;
  if (side === 'buy' && fee.feeAtoms === 0) return { asset: base, units: BigInt(fee.feeGrains) * market.grain };
  return { asset: quote, units: BigInt(fee.feeAtoms) * market.atom };
}
