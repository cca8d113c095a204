/** One account's position in one perpetual at a simulated exchange, and the arithmetic that needs nothing else. Amounts are bigints of atoms. */
import type { Instrument } from '../instrument.ts';
import { Decimal, type DecimalString, decimal, plain } from '../money.ts';
import type { Side } from '../order.ts';
import type { MarginMode } from '../perpetual-ports.ts';
import type { Market } from './market.ts';

/** Where a venue names no maintenance margin rate. */
export const MAINTENANCE_RATE = '0.005';

/** How much narrower {@link safeRange} is than it has to be: what rounding to atoms and ticks may move the price by. */
const RANGE_SHARE = 1e-9;
const RANGE_TICKS = 3;

export interface Stake {
  readonly account: string;
  readonly market: Market;
  /** Negative for a short. */
  lots: number;
  /** What the position was entered at, signed as its lots. */
  cost: bigint;
  leverage: number;
  marginMode: MarginMode;
  /** Locked in the ledger for the position and its orders, in ledger units. */
  bound: bigint;
  updatedAt: number;
}

/** A position as it is handed out. */
export interface SimulatedPosition {
  readonly account: string;
  readonly symbol: string;
  /** Lots and base coin, negative for a short, 0 when flat. */
  readonly lots: number;
  readonly size: DecimalString;
  /** Average; `0` when flat. */
  readonly entryPrice: DecimalString;
  readonly markPrice: DecimalString;
  /** An estimate, as venues give it; `null` when flat or out of reach. */
  readonly liquidationPrice: DecimalString | null;
  readonly unrealisedProfit: DecimalString;
  /** What the position binds of the wallet, without its orders. */
  readonly margin: DecimalString;
  readonly maintenanceMargin: DecimalString;
  readonly leverage: number;
  readonly marginMode: MarginMode;
  readonly updatedAt: number;
}

/** Adds one execution and returns the profit of the part that it closed, before fees. */
export function trade(stake: Stake, side: Side, priceTicks: number, sizeLots: number): bigint {
  const signed = side === 'buy' ? sizeLots : -sizeLots;
  const isOpposite = stake.lots !== 0 && stake.lots > 0 !== signed > 0;
  const closing = isOpposite ? Math.min(Math.abs(stake.lots), sizeLots) : 0;
  const direction = signed > 0 ? 1n : -1n;
  let profit = 0n;
  if (closing > 0) {
    const part = (stake.cost * BigInt(closing)) / BigInt(Math.abs(stake.lots));
    profit = -direction * BigInt(closing) * BigInt(priceTicks) - part;
    stake.cost -= part;
  }
  stake.cost += direction * BigInt(sizeLots - closing) * BigInt(priceTicks);
  stake.lots += signed;
  return profit;
}

export function unrealised({ lots, cost, market }: Stake): bigint {
  return lots === 0 || market.markTicks === 0 ? 0n : BigInt(lots) * BigInt(market.markTicks) - cost;
}

/** What the position itself takes of the margin, rounded up. */
export function initialMargin({ cost, leverage }: Stake): bigint {
  return shareOf(magnitude(cost), leverage);
}

export function maintenanceMargin({ lots, market }: Stake): bigint {
  const value = BigInt(Math.abs(lots)) * BigInt(market.markTicks);
  return BigInt(decimal(maintenanceRate(market.instrument)).times(value.toString()).ceil().toFixed());
}

/** An amount divided by a leverage, rounded up. */
export function shareOf(atoms: bigint, leverage: number): bigint {
  const hundredths = BigInt(Math.round(leverage * 100));
  return (atoms * 100n + hundredths - 1n) / hundredths;
}

export function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

/** The price at which `equity` (atoms that stand behind the position) has fallen to its maintenance margin, or `null` when there is none. */
export function liquidationPrice({ lots, cost, market }: Stake, equity: bigint): DecimalString | null {
  if (lots === 0) return null;
  const rate = new Decimal(maintenanceRate(market.instrument));
  const divisor = new Decimal(lots).minus(rate.times(Math.abs(lots)));
  const ticks = new Decimal((cost - equity).toString()).div(divisor);
  const price = ticks.toDecimalPlaces(2).times(market.instrument.priceIncrement);
  return price.gt(0) ? plain(price) : null;
}

/**
 * Prices between which an isolated position surely has its margin, a little narrower than by the exact arithmetic. One that
 * all of an account stands behind has no such range.
 */
export function safeRange(stake: Stake): { readonly downTicks: number; readonly upTicks: number } {
  const { lots, cost, marginMode, market } = stake;
  if (marginMode === 'cross') return { downTicks: Number.POSITIVE_INFINITY, upTicks: 0 };
  const rate = Number(maintenanceRate(market.instrument));
  const ticks = (Number(cost) - Number(initialMargin(stake))) / (lots - rate * Math.abs(lots));
  if (lots > 0) return { downTicks: Math.ceil(ticks * (1 + RANGE_SHARE)) + RANGE_TICKS, upTicks: Number.POSITIVE_INFINITY };
  return { downTicks: 0, upTicks: Math.floor(ticks * (1 - RANGE_SHARE)) - RANGE_TICKS };
}

export function entryPrice({ lots, cost, market }: Stake): DecimalString {
  if (lots === 0) return '0';
  const ticks = new Decimal(cost.toString()).div(lots).toDecimalPlaces(6);
  return plain(ticks.times(market.instrument.priceIncrement));
}

function maintenanceRate(instrument: Instrument): DecimalString {
  return instrument.perpetual?.maintenanceMarginRate ?? MAINTENANCE_RATE;
}
