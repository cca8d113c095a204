/**
 * What a strategy of your own may import. Put this file beside yours, and your editor knows every word of it:
 *
 *     import { defineStrategy, ema } from 'argosy/strategy';
 *
 * Prices are whole ticks of the instrument's price increment, sizes whole lots of its size increment, amounts of quote are
 * atoms (price increment times size increment), amounts of base are grains ({@link GRAINS_PER_LOT} to a lot). `context.scale`
 * turns them into decimals and back.
 */
declare module 'argosy/strategy' {
  /** A text; the same in all languages, or one for each. */
  export type Text = string | { readonly en: string; readonly ru: string };
  /** A decimal as a text, such as `'0.5'`. */
  export type Decimal = string;
  /** Values without depth, for people to read. */
  export type Figures = Readonly<Record<string, string | number | boolean | null>>;

  interface FieldBase {
    readonly title: Text;
    readonly help: Text;
    /** Left out it is `null`. */
    readonly optional?: boolean;
  }
  export interface DecimalField extends FieldBase {
    readonly kind: 'decimal';
    readonly min: Decimal;
    /** `min` itself is too little. */
    readonly isExclusive?: boolean;
    readonly max?: Decimal;
    readonly default?: Decimal;
  }
  export interface IntegerField extends FieldBase {
    readonly kind: 'integer';
    readonly min: number;
    readonly max: number;
    readonly default?: number;
  }
  export interface ChoiceField<Option extends string = string> extends FieldBase {
    readonly kind: 'choice';
    readonly options: readonly Option[];
    readonly default?: Option;
  }
  export interface BooleanField extends FieldBase {
    readonly kind: 'boolean';
    readonly default?: boolean;
  }
  export interface TextField extends FieldBase {
    readonly kind: 'text';
    readonly maxLength: number;
    readonly default?: string;
  }
  export type ScalarField = DecimalField | IntegerField | ChoiceField | BooleanField | TextField;
  /** A list of rows, each with the same settings; left out it is empty. */
  export interface RowsField extends FieldBase {
    readonly kind: 'rows';
    readonly fields: Readonly<Record<string, ScalarField>>;
    readonly maxRows: number;
  }
  export type Params = Readonly<Record<string, ScalarField | RowsField>>;

  type Scalar<F> = F extends DecimalField
    ? Decimal
    : F extends IntegerField
      ? number
      : F extends ChoiceField<infer O>
        ? O
        : F extends TextField
          ? string
          : boolean;
  type Value<F> = F extends RowsField
    ? readonly { readonly [N in keyof F['fields']]: Value<F['fields'][N]> }[]
    : F extends { readonly optional: true }
      ? Scalar<F> | null
      : Scalar<F>;
  /** The settings of a bot, checked against your declaration. */
  export type ParamsOf<P extends Params> = { readonly [N in keyof P]: Value<P[N]> };

  export type Side = 'buy' | 'sell';
  export interface OrderRequest {
    readonly side: Side;
    readonly type: 'limit' | 'market' | 'stopLimit' | 'stopMarket';
    /** 0 where the type has none. */
    readonly priceTicks: number;
    /** Where a stop wakes; 0 for others. */
    readonly triggerTicks: number;
    readonly sizeLots: number;
    readonly timeInForce: 'gtc' | 'ioc' | 'fok';
    readonly postOnly: boolean;
    readonly reduceOnly: boolean;
    /** Your own word for what the order is for; comes back with every event. At most 64 characters. */
    readonly tag: string;
  }
  export interface Order extends OrderRequest {
    readonly clientOrderId: string;
    /** Your name of the instrument it is for, where you trade several. */
    readonly leg?: string;
    readonly createdAt: number;
    readonly state: string;
    readonly filledLots: number;
    readonly filledAtoms: number;
  }
  export interface Fill {
    readonly tradeId: string;
    readonly side: Side;
    readonly priceTicks: number;
    readonly sizeLots: number;
    readonly feeGrains: number;
    readonly feeAtoms: number;
    readonly otherFeeAtoms: number;
    readonly isMaker: boolean;
  }
  export interface Position {
    readonly baseGrains: number;
    readonly quoteAtoms: number;
    readonly costAtoms: number;
    readonly realisedAtoms: number;
    readonly feesAtoms: number;
    readonly fillCount: number;
  }

  /** Everything a strategy is told. Where you trade several instruments, `leg` or `order.leg` has your name of the one concerned. */
  export type StrategyEvent =
    | { readonly type: 'priceReached'; readonly leg?: string; readonly priceTicks: number }
    /** Two prices are as far apart as {@link Context.watchSpread} says. */
    | { readonly type: 'spreadReached' }
    | { readonly type: 'quoteChanged'; readonly leg?: string; readonly bidTicks: number; readonly askTicks: number }
    /** One of several instruments cannot be traded any more, or can again. While one cannot, orders may only close. */
    | { readonly type: 'marketChanged'; readonly leg?: string; readonly isOpen: boolean }
    | {
        readonly type: 'barClosed';
        /** Bars of several instruments that close together are told one after the other, live in any sequence. */
        readonly leg?: string;
        readonly closedAt?: number;
        readonly intervalMs?: number;
        /** It warms you up: take it in, decide nothing. */
        readonly isHistory?: boolean;
        readonly openTicks: number;
        readonly highTicks: number;
        readonly lowTicks: number;
        readonly closeTicks: number;
        readonly volumeLots: number;
      }
    | { readonly type: 'orderAccepted'; readonly order: Order }
    | { readonly type: 'orderFilled'; readonly order: Order; readonly fill: Fill }
    /** It is over without being filled whole; `code` says why. */
    | { readonly type: 'orderClosed'; readonly order: Order; readonly code: string }
    /** The exchange had cancelled `former`, and the rule `placeAgain` has put `order` in its place: from now on that is yours. */
    | { readonly type: 'orderReplaced'; readonly order: Order; readonly former: Order }
    | { readonly type: 'timerFired'; readonly name: string }
    | { readonly type: 'fundingPaid'; readonly leg?: string; readonly amountAtoms: number }
    | { readonly type: 'userCommand'; readonly name: string; readonly params: Readonly<Record<string, unknown>> }
    /** All orders are off the book by the user's wish. */
    | { readonly type: 'paused' }
    /** Orders may be placed again. */
    | { readonly type: 'resumed' };

  /** Turns decimals into whole numbers of the instrument and back. */
  export interface Scale {
    readonly minTicks: number;
    readonly maxTicks: number;
    readonly minLots: number;
    readonly maxLots: number;
    /** Smallest value of an order. */
    readonly minAtoms: number;
    readonly isPerpetual: boolean;
    readonly instrument: {
      readonly symbol: string;
      readonly base: string;
      readonly quote: string;
      readonly kind: 'spot' | 'perpetual';
      readonly makerFeeRate: Decimal;
      readonly takerFeeRate: Decimal;
    };
    ticks(price: Decimal, rounding: 'up' | 'down' | 'nearest'): number;
    lots(size: Decimal, rounding: 'up' | 'down' | 'nearest'): number;
    atoms(quote: Decimal, rounding: 'up' | 'down' | 'nearest'): number;
    grains(base: Decimal, rounding: 'up' | 'down' | 'nearest'): number;
    price(ticks: number): Decimal;
    size(lots: number): Decimal;
    quote(atoms: number): Decimal;
    base(grains: number): Decimal;
  }

  /** One of several instruments; everything as in {@link Context}, of this one. */
  export interface LegContext {
    readonly name: string;
    readonly scale: Scale;
    readonly feeAsset: 'received' | 'quote' | 'other';
    readonly bidTicks: number;
    readonly askTicks: number;
    readonly position: Position;
    /** `false` while the exchange does not trade it, or is silent about its price. */
    readonly isOpen: boolean;
    freeBaseGrains(): number;
    freeQuoteAtoms(): number;
    submit(request: OrderRequest): string;
    watchPrice(belowTicks: number, aboveTicks: number): void;
  }

  /**
   * The bid of `short` being at least `above` times the ask of `long`, or the ask of `short` at most `below` times the bid of `long`, all in
   * ticks; `null` waits for nothing.
   */
  export interface SpreadWatch {
    readonly long: string;
    readonly short: string;
    readonly above: number | null;
    readonly below: number | null;
  }

  /** What you may look at, and ask for. Of use only while you are being called. What is of an instrument is the first one's. */
  export interface Context {
    /** Time of the event in hand, in milliseconds since 1970. `Date` and `Math.random` follow from it. */
    readonly at: number;
    readonly scale: Scale;
    readonly bidTicks: number;
    readonly askTicks: number;
    readonly position: Position;
    /** All instruments, the first one first. */
    readonly legs: readonly LegContext[];
    /** One of several instruments by your name for it. */
    leg(name: string): LegContext;
    /** Hands free quote of one coin's budget to another's, no more than is free. */
    moveQuote(from: string, to: string, atoms: number): void;
    /** Asks for `spreadReached`; stays set until another is, or `null`. */
    watchSpread(watch: SpreadWatch | null): void;
    /** `false` while every order would be refused. */
    readonly isTrading: boolean;
    /** Whether orders may open anything now: trading is neither halted nor reduced. */
    readonly canOpen: boolean;
    /** Base that may be sold. */
    freeBaseGrains(): number;
    /** Quote that may be spent. */
    freeQuoteAtoms(): number;
    order(clientOrderId: string): Order | undefined;
    /** Asks for an order; the answer comes as events. Returns its id. */
    submit(request: OrderRequest): string;
    cancel(clientOrderId: string): void;
    /** Asks for `priceReached`; 0 and Infinity watch nothing. Stays set. */
    watchPrice(belowTicks: number, aboveTicks: number): void;
    setTimer(name: string, at: number): void;
    clearTimer(name: string): void;
    /** Tells the user something; at most 60 times an hour. */
    report(fact: 'target_reached' | 'strategy_note', text: string, data?: Figures): void;
    /** Ends the run. */
    finish(reason: string, liquidation: 'keep' | 'toQuote' | 'toBase'): void;
  }

  /** What is known of an instrument before a run. */
  export interface PlanLeg {
    readonly scale: Scale;
    readonly feeAsset: 'received' | 'quote' | 'other';
    readonly bidTicks: number;
    readonly askTicks: number;
  }
  export interface PlanInput<P extends Params> extends PlanLeg {
    readonly params: ParamsOf<P>;
    /** The instruments beyond the first, in the sequence of your `otherLegs`; left out where there are none. */
    readonly otherLegs?: readonly (PlanLeg & { readonly name: string })[];
  }
  /** What a run needs for one instrument. */
  export interface LegNeed {
    /** Quote the run needs; of a perpetual its margin. */
    readonly quoteAtoms: number;
    /** Base the run is lent from the account; 0 of a perpetual. */
    readonly baseGrains: number;
    readonly leverage?: number;
    readonly marginMode?: 'isolated' | 'cross';
  }
  export type Plan =
    | { readonly ok: false; readonly issues: readonly { readonly field: string; readonly message: string }[] }
    | (LegNeed & {
        readonly ok: true;
        /** What it needs for the instruments beyond the first, in their sequence. */
        readonly otherLegs?: readonly LegNeed[];
        readonly preview: Figures;
      });

  export interface Strategy<P extends Params = Params, State extends object = object> {
    /** Small letters, digits, `-` and `_`. */
    readonly name: string;
    readonly version: number;
    readonly title: Text;
    readonly summary: Text;
    readonly params: P;
    /** Spot alone where not given. */
    readonly markets?: readonly ('spot' | 'perpetual')[];
    /** Your word for the first instrument, where you trade several. */
    readonly legName?: string;
    /** The instruments you trade beside the one of the bot, at most 9, all priced in the same coin. */
    otherLegs?(params: ParamsOf<P>, symbol: string): readonly { readonly name: string; readonly symbol: string; readonly kind: 'spot' | 'perpetual' }[];
    readonly wants: { readonly bars: boolean; readonly quotes: boolean };
    /** The bars you decide on with these settings: at most 5 lengths, up to 1000 bars to warm up. */
    bars?(params: ParamsOf<P>): readonly { readonly intervalMs: number; readonly warmUp: number }[];
    readonly commands?: Readonly<Record<string, { readonly title: Text; readonly help: Text; readonly params: Params }>>;
    /**
     * Which automatic actions the bot's user may have follow your orders; none when left out. `placeAgain` asks you to know
     * `orderReplaced`; the others that you do not sell what you buy yourself, or only after looking at what is free. You are told of your
     * own orders alone, not of those that follow. Of several instruments they follow the orders for the first.
     */
    readonly rules?: readonly ('opposite' | 'placeAgain' | 'cancelRest' | 'takeProfit' | 'stopLoss')[];
    /** What the run will need, or why these settings cannot work. */
    plan(input: PlanInput<P>): Plan;
    /** Begins a run and returns its state: plain data that survives JSON, at most 64 KiB of it. */
    start(context: Context, params: ParamsOf<P>): State;
    /** Takes one event, changing the state in place. Depend on nothing else: the same events must give the same wishes. */
    on(context: Context, state: State, event: StrategyEvent, params: ParamsOf<P>): void;
    /** What your state says to people. */
    figures?(state: State, scale: Scale): Figures;
  }

  /** Keeps the types of your declaration exact. */
  export function defineStrategy<const P extends Params, State extends object>(strategy: Strategy<P, State>): Strategy<P, State>;

  /** Grains in a lot. */
  export const GRAINS_PER_LOT: number;

  /** One closed bar, in whatever unit you use throughout. */
  export interface IndicatorBar {
    readonly at: number;
    readonly open: number;
    readonly high: number;
    readonly low: number;
    readonly close: number;
    readonly volume: number;
  }
  type Settings<Name extends string> = { readonly [N in Name]: number };
  /** Fed with one number at a time. Keep what `start` returns in your state. */
  export interface ValueIndicator<Name extends string, Reading = number> {
    warmUp(settings: Settings<Name>): number;
    start(settings: Settings<Name>): object;
    /** `null` while warming up. */
    update(state: object, value: number): Reading | null;
  }
  /** Fed with whole bars. */
  export interface BarIndicator<Name extends string, Reading = number> {
    warmUp(settings: Settings<Name>): number;
    start(settings: Settings<Name>): object;
    update(state: object, bar: IndicatorBar): Reading | null;
  }
  /** Average directional index: Strength of a trend from 0 to 100 whatever its direction (value), and how much of the movement is up (plus) and down (minus), in per cent; 0 where nothing moves. */
  export const adx: BarIndicator<'period', Readonly<Record<'value' | 'plus' | 'minus', number>>>;
  /** Average true range: Usual reach of a bar with the gap before it, in the unit of the price. The first bar counts from low to high. */
  export const atr: BarIndicator<'period'>;
  /** Bollinger bands: Simple average (middle) and bands so many standard deviations away (upper, lower), in the unit of the price. */
  export const bollinger: ValueIndicator<'period' | 'width', Readonly<Record<'middle' | 'upper' | 'lower', number>>>;
  /** Commodity channel index: Distance of the typical price from its mean, mostly between -100 and 100; 0 where nothing moves. */
  export const cci: BarIndicator<'period'>;
  /** Donchian channel: Highest high (upper), lowest low (lower) and the middle between them, the bar in hand included, in the unit of the price. */
  export const donchian: BarIndicator<'period', Readonly<Record<'middle' | 'upper' | 'lower', number>>>;
  /** Exponential moving average: Mean in which the newest value weighs 2 / (period + 1), in its unit. */
  export const ema: ValueIndicator<'period'>;
  /** Heikin-Ashi: Smoothed bar (close, open, high, low), in the unit of the price. */
  export const heikinAshi: BarIndicator<never, Readonly<Record<'close' | 'open' | 'high' | 'low', number>>>;
  /** Ichimoku: Middle of the short range (conversion) and of the middle one (base), the cloud at this bar (span_a, span_b) and the one drawn ahead from it (lead_a, lead_b), in the unit of the price. */
  export const ichimoku: BarIndicator<
    'conversion' | 'base' | 'span' | 'displacement',
    Readonly<Record<'conversion' | 'base' | 'span_a' | 'span_b' | 'lead_a' | 'lead_b', number>>
  >;
  /** Keltner channel: Exponential average of closes (middle) and bands so many average true ranges away (upper, lower), in the unit of the price. */
  export const keltner: BarIndicator<'period' | 'width' | 'range_period', Readonly<Record<'middle' | 'upper' | 'lower', number>>>;
  /** MACD: Fast average minus slow one (value), its average (signal) and their difference (histogram), in the unit of the price. */
  export const macd: ValueIndicator<'fast' | 'slow' | 'signal', Readonly<Record<'value' | 'signal' | 'histogram', number>>>;
  /** Money flow index: From 0 (money only went out) to 100 (only in); 50 where there was no flow at all. */
  export const mfi: BarIndicator<'period'>;
  /** On-balance volume: Running sum of volume, counted from 0 at the first bar: its course means something, its height does not. */
  export const obv: BarIndicator<never>;
  /** Parabolic SAR: Stop that follows the price (value), below it while the trend is up (trend 1), above it while it is down (trend -1), in the unit of the price. */
  export const parabolicSar: BarIndicator<'step' | 'max', Readonly<Record<'value' | 'trend', number>>>;
  /** Pivot points: Pivot, three resistances and three supports from high, low and close of the session before, in the unit of the price; sessions are days of UTC. */
  export const pivotPoints: BarIndicator<'session_hours', Readonly<Record<'pivot' | 'r1' | 'r2' | 'r3' | 's1' | 's2' | 's3', number>>>;
  /** Wilder's moving average: Mean in which the newest value weighs 1 / period, in its unit. */
  export const rma: ValueIndicator<'period'>;
  /** Rate of change: Change against the value so many bars ago, in per cent; 0 where that was 0. */
  export const roc: ValueIndicator<'period'>;
  /** Relative strength index: From 0 (only falls) to 100 (only rises), smoothed as Wilder does; 50 where nothing has moved at all. */
  export const rsi: ValueIndicator<'period'>;
  /** Linear regression slope: Rise of the best-fitting line from one bar to the next, in the unit of the value. */
  export const slope: ValueIndicator<'period'>;
  /** Simple moving average: Mean of the last values, in their unit. */
  export const sma: ValueIndicator<'period'>;
  /** Standard deviation: How far values lie from their mean, in their unit. */
  export const standardDeviation: ValueIndicator<'period'>;
  /** Stochastic RSI: Place of the RSI in its range, smoothed (k), and its simple average (d), from 0 to 100; 50 where the range is nothing. */
  export const stochasticRsi: ValueIndicator<'rsi_period' | 'period' | 'smooth' | 'signal', Readonly<Record<'k' | 'd', number>>>;
  /** Stochastic oscillator: Place of the close in the range, smoothed (k), and its simple average (d), from 0 to 100; 50 where the range is nothing. */
  export const stochastic: BarIndicator<'period' | 'smooth' | 'signal', Readonly<Record<'k' | 'd', number>>>;
  /** Supertrend: Line that follows the price (value), below it while the trend is up (trend 1) and above it while it is down (trend -1), in the unit of the price. */
  export const supertrend: BarIndicator<'period' | 'width', Readonly<Record<'value' | 'trend', number>>>;
  /** Volume-weighted average price: Mean typical price of the session so far, each weighed by its volume, in the unit of the price; sessions are days of UTC. Without any volume the typical price itself. */
  export const vwap: BarIndicator<'session_hours'>;
  /** Williams %R: From -100 (close at the low of the range) to 0 (at its high); -50 where the range is nothing. */
  export const williamsR: BarIndicator<'period'>;
  /** Weighted moving average: Mean in which weights fall evenly from the newest value to the oldest. */
  export const wma: ValueIndicator<'period'>;
}
