/**
 * What venues with perpetuals offer beyond ports.ts, types only. One-way positions only: an account has one signed position
 * a symbol. Sizes are base coin, money is the settle coin; contracts are known to the adapter alone.
 */
import type { DecimalString } from './money.ts';

/** `isolated`: a position may lose its own margin. `cross`: it may lose whatever the wallet holds. */
export type MarginMode = 'isolated' | 'cross';

/** A position as the venue tells it. */
export interface VenuePosition {
  readonly symbol: string;
  /** Base coin, negative for a short; never zero. */
  readonly size: DecimalString;
  readonly entryPrice: DecimalString;
  readonly markPrice: DecimalString;
  /** `null` where the venue names none, as of a position that cannot be liquidated. */
  readonly liquidationPrice: DecimalString | null;
  /** In the settle coin, signed, at the mark price. */
  readonly unrealisedProfit: DecimalString;
  readonly leverage: number;
  readonly marginMode: MarginMode;
}

/** A position in a perpetual as our ledger of fills gives it. */
export interface PositionRecord {
  readonly symbol: string;
  /** The bot whose open run holds it, as in a ClientOrderId (`bot:7`); the account (`account:3`) where none does. */
  readonly owner: string;
  /** Base coin, negative for a short. */
  readonly size: DecimalString;
  /** What it was entered at in all, signed as its size. */
  readonly entryValue: DecimalString;
  /** As its run holds it; `null` where no run does. */
  readonly leverage: number | null;
  readonly marginMode: MarginMode | null;
}

/** One funding settlement of one position. */
export interface FundingPayment {
  /** Unique within account and symbol, and the same every time it is told. */
  readonly paymentId: string;
  readonly symbol: string;
  /** The settle coin. */
  readonly asset: string;
  /** Positive when received, negative when paid. */
  readonly amount: DecimalString;
  /** Share of the position's value, such as `0.0001`; longs pay shorts when positive. `null` where the venue does not tell it. */
  readonly rate: DecimalString | null;
  readonly at: number;
}

/**
 * The part of a trading session that an account with perpetuals has. Each method throws PortError `account_mode_unsupported`,
 * with what to change at the venue, for an account that keeps longs and shorts apart (hedge mode).
 */
export interface PerpetualSession {
  /** Every position that is not flat. */
  positions(): Promise<readonly VenuePosition[]>;
  /** Both hold for the symbol from now on, orders that rest included; harmless when they stand so already. */
  setLeverage(symbol: string, leverage: number, marginMode: MarginMode): Promise<void>;
  /** Own funding settlements from `since` (venue time, inclusive), oldest first, complete. */
  fundingSince(symbol: string, since: number): Promise<readonly FundingPayment[]>;
}

/** What the next funding settlement of a perpetual will be, as things stand. */
export interface FundingRate {
  readonly symbol: string;
  /** Share of a position's value; longs pay shorts when positive. */
  readonly rate: DecimalString;
  readonly nextAt: number;
  readonly intervalMs: number;
  readonly markPrice: DecimalString;
  readonly indexPrice: DecimalString;
}

/** Public data that only perpetuals have. */
export interface PerpetualMarketData {
  fundingRate(symbol: string): Promise<FundingRate>;
}
