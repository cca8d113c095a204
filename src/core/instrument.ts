/**
 * Something tradable at a venue, and the exact conversion between its decimals and the engine's integers.
 * A tick is one price increment, a lot one size increment, an atom one tick times one lot of the quote asset,
 * a grain one ten-thousandth of a lot of the base asset (fees taken in base are smaller than a lot).
 */
import { countOf, Decimal, type DecimalString, decimal, type Rounding, writerOf } from './money.ts';

/** `spot` changes hands; a `perpetual` is a linear contract without an end, held against margin in its settle coin. */
export type InstrumentKind = 'spot' | 'perpetual';

/** What only a perpetual has. Sizes are base coin everywhere; the adapter alone counts in contracts. */
export interface PerpetualTerms {
  /** Base coin in one contract of the venue; `sizeIncrement` is this times the venue's own lot. */
  readonly contractSize: DecimalString;
  /** Milliseconds between two funding settlements. */
  readonly fundingIntervalMs: number;
  readonly maxLeverage: number;
  /** Share of a position's value that margin may not fall below, of the lowest tier; `null` where the venue does not tell. */
  readonly maintenanceMarginRate: DecimalString | null;
}

export interface Instrument {
  readonly venue: string;
  /** Unified symbol, such as `BTC/USDT`, of a perpetual `BTC/USDT:USDT`. */
  readonly symbol: string;
  readonly kind: InstrumentKind;
  readonly base: string;
  readonly quote: string;
  /** Coin of margin, profit and fees; of a spot instrument the quote. */
  readonly settle: string;
  /** `null` for spot. */
  readonly perpetual: PerpetualTerms | null;
  readonly priceIncrement: DecimalString;
  readonly sizeIncrement: DecimalString;
  readonly minPrice: DecimalString;
  /** `null` where the venue names no limit. */
  readonly maxPrice: DecimalString | null;
  readonly minSize: DecimalString;
  readonly maxSize: DecimalString | null;
  /** Smallest price times size of an order, in quote. */
  readonly minNotional: DecimalString;
  /** Share of the received amount, such as `0.001`. */
  readonly makerFeeRate: DecimalString;
  readonly takerFeeRate: DecimalString;
  readonly status: 'trading' | 'halted';
}

/** Whether a unified symbol names a perpetual: `BTC/USDT:USDT` does, `BTC/USDT` does not. */
export function isPerpetualSymbol(symbol: string): boolean {
  return symbol.includes(':');
}

/** The coin of margin, profit and fees of a perpetual's symbol, the quote of a spot one. */
export function settleOf(symbol: string): string {
  const [pair = '', settle] = symbol.split(':');
  return settle ?? pair.split('/')[1] ?? '';
}

/** Grains in one lot. */
export const GRAINS_PER_LOT = 10_000;

/** Fee rates inside the engine are integers: parts per ten million, so 0.075 % is 7500. */
export const FEE_RATE_UNITS = 10_000_000;

/** Largest order value in atoms: beyond it products of ticks and lots stop being exact. */
export const MAX_ATOMS = Number.MAX_SAFE_INTEGER;

/** Converts between the decimals of one instrument and the integers of the engine. */
export class Scale {
  readonly instrument: Instrument;
  readonly minTicks: number;
  readonly maxTicks: number;
  readonly minLots: number;
  readonly maxLots: number;
  readonly minAtoms: number;
  readonly makerFee: number;
  readonly takerFee: number;
  readonly isPerpetual: boolean;
  /** Quote in one atom, for shares and sizes that need not be exact. */
  readonly quotePerAtom: number;
  readonly #tick: Decimal;
  readonly #lot: Decimal;
  readonly #atom: Decimal;
  readonly #grain: Decimal;
  readonly #writePrice: (ticks: number) => DecimalString;
  readonly #writeSize: (lots: number) => DecimalString;
  readonly #writeQuote: (atoms: number) => DecimalString;
  readonly #writeBase: (grains: number) => DecimalString;

  constructor(instrument: Instrument) {
    this.instrument = instrument;
    this.#tick = decimal(instrument.priceIncrement);
    this.#lot = decimal(instrument.sizeIncrement);
    this.#atom = this.#tick.times(this.#lot);
    this.#grain = this.#lot.div(GRAINS_PER_LOT);
    this.#writePrice = writerOf(this.#tick);
    this.#writeSize = writerOf(this.#lot);
    this.#writeQuote = writerOf(this.#atom);
    this.#writeBase = writerOf(this.#grain);
    this.minTicks = Math.max(1, countOf(decimal(instrument.minPrice), this.#tick, 'up'));
    this.maxTicks = countUpTo(instrument.maxPrice, this.#tick, MAX_ATOMS);
    this.minLots = Math.max(1, countOf(decimal(instrument.minSize), this.#lot, 'up'));
    this.maxLots = countUpTo(instrument.maxSize, this.#lot, MAX_LOTS);
    this.minAtoms = countOf(decimal(instrument.minNotional), this.#atom, 'up');
    this.makerFee = feeUnits(instrument.makerFeeRate);
    this.takerFee = feeUnits(instrument.takerFeeRate);
    this.isPerpetual = instrument.kind === 'perpetual';
    this.quotePerAtom = Number(instrument.priceIncrement) * Number(instrument.sizeIncrement);
  }

  ticks(price: DecimalString | Decimal, rounding: Rounding): number {
    return countOf(decimal(price), this.#tick, rounding);
  }

  lots(size: DecimalString | Decimal, rounding: Rounding): number {
    return countOf(decimal(size), this.#lot, rounding);
  }

  atoms(quoteAmount: DecimalString | Decimal, rounding: Rounding): number {
    return countOf(decimal(quoteAmount), this.#atom, rounding);
  }

  grains(baseAmount: DecimalString | Decimal, rounding: Rounding): number {
    return countOf(decimal(baseAmount), this.#grain, rounding);
  }

  price(ticks: number): DecimalString {
    return this.#writePrice(ticks);
  }

  size(lots: number): DecimalString {
    return this.#writeSize(lots);
  }

  /** A quote amount. */
  quote(atoms: number): DecimalString {
    return this.#writeQuote(atoms);
  }

  /** A base amount. */
  base(grains: number): DecimalString {
    return this.#writeBase(grains);
  }

  /** Whether a price is a whole number of increments. */
  isPriceAligned(price: DecimalString | Decimal): boolean {
    return decimal(price).mod(this.#tick).isZero();
  }

  isSizeAligned(size: DecimalString | Decimal): boolean {
    return decimal(size).mod(this.#lot).isZero();
  }
}

/** A fee rate such as `0.001` in {@link FEE_RATE_UNITS}; rounded up, so that costs are never understated. */
export function feeUnits(rate: DecimalString): number {
  return countOf(decimal(rate).times(FEE_RATE_UNITS), new Decimal(1), 'up');
}

/**
 * The fee on an integer amount, rounded up to a whole unit.
 * Split so that every intermediate product stays an exact integer for amounts up to 2^53.
 */
export function feeOn(amount: number, rateUnits: number): number {
  const whole = Math.floor(amount / FEE_RATE_UNITS);
  const rest = amount - whole * FEE_RATE_UNITS;
  return whole * rateUnits + Math.ceil((rest * rateUnits) / FEE_RATE_UNITS);
}

/** Largest size of an order in lots: beyond it its grains stop being exact. */
const MAX_LOTS = Math.floor(MAX_ATOMS / GRAINS_PER_LOT);

/** Whole increments up to a limit that the venue may not have named, and never more than we can compute with. */
function countUpTo(limit: DecimalString | null, increment: Decimal, largest: number): number {
  return limit === null ? largest : Decimal.min(decimal(limit).div(increment).floor(), largest).toNumber();
}
