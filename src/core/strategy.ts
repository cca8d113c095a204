/**
 * The contract of a strategy: one file that declares its settings, plans before anything is placed, and turns events
 * into orders. A strategy is synchronous and depends on nothing but what it is handed, so its tape replays.
 */
import type { BarRule } from './bars/bar-rule.ts';
import type { WriteReport } from './commands.ts';
import type { Liquidation } from './events.ts';
import type { InstrumentKind, Scale } from './instrument.ts';
import type { SpreadWatch } from './legs/leg-state.ts';
import type { Order, OrderRequest } from './order.ts';
import type { Issue, ParamsOf, ParamsSpec, Text } from './params.ts';
import type { MarginMode } from './perpetual-ports.ts';
import type { Fill, Position } from './position.ts';
import type { FeeAsset } from './risk.ts';

/**
 * What a strategy is told. Times are in `context.at`; `order` is the engine's own record, to be read only. A strategy that declares
 * several instruments finds the name of the one concerned in `leg` or `order.leg`.
 */
export type StrategyEvent =
  | { readonly type: 'priceReached'; readonly leg?: string; readonly priceTicks: number }
  /** Two prices are as far apart as {@link Context.watchSpread} says. */
  | { readonly type: 'spreadReached' }
  | { readonly type: 'quoteChanged'; readonly leg?: string; readonly bidTicks: number; readonly askTicks: number }
  /** One of several instruments cannot be traded any more, or can again. While one cannot, orders may only close. */
  | { readonly type: 'marketChanged'; readonly leg?: string; readonly isOpen: boolean }
  /** See {@link BarClosed} for what may be absent. Told while the run is paused, too: figures must not miss it. */
  | {
      readonly type: 'barClosed';
      readonly leg?: string;
      readonly closedAt?: number;
      readonly intervalMs?: number;
      readonly isHistory?: boolean;
      readonly openTicks: number;
      readonly highTicks: number;
      readonly lowTicks: number;
      readonly closeTicks: number;
      readonly volumeLots: number;
    }
  /** The strategy's {@link Strategy.rule} turned at the close of a bar. Told while the run is paused, too; `isHistory` as of {@link BarClosed}. */
  | { readonly type: 'barTurned'; readonly turn: number; readonly isHistory: boolean }
  | { readonly type: 'orderAccepted'; readonly order: Readonly<Order> }
  | { readonly type: 'orderFilled'; readonly order: Readonly<Order>; readonly fill: Fill }
  /** The order is over without being filled whole; its fills have been told before. `code` says why. */
  | { readonly type: 'orderClosed'; readonly order: Readonly<Order>; readonly code: string }
  /** A rule of its user has placed the rest of an order again, which the venue had taken off the book: the strategy's order goes on under a new id. */
  | { readonly type: 'orderReplaced'; readonly order: Readonly<Order>; readonly former: Readonly<Order> }
  | { readonly type: 'timerFired'; readonly name: string }
  /** Funding was settled and counts in the position already; positive when received. */
  | { readonly type: 'fundingPaid'; readonly leg?: string; readonly amountAtoms: number }
  /** A command the strategy has declared; its parameters have passed their declaration. */
  | { readonly type: 'userCommand'; readonly name: string; readonly params: Readonly<Record<string, unknown>> }
  /** All orders of the run are off the book by the user's wish; place nothing until `resumed`. */
  | { readonly type: 'paused' }
  /** Orders may be placed again: after a pause, or after a halt that cancelled orders (whose ends may still be under way). */
  | { readonly type: 'resumed' };

/** One instrument of a run over several, as its strategy sees it. The members are those of {@link Context}, of this instrument. */
export interface LegContext {
  readonly name: string;
  readonly scale: Scale;
  readonly feeAsset: FeeAsset;
  readonly bidTicks: number;
  readonly askTicks: number;
  readonly position: Readonly<Position>;
  /** `false` while the exchange does not trade it, or is silent about its price. */
  readonly isOpen: boolean;
  freeBaseGrains(): number;
  freeQuoteAtoms(): number;
  submit(request: OrderRequest): string;
  watchPrice(belowTicks: number, aboveTicks: number): void;
}

/** What a strategy may look at and ask for. What is of an instrument is the first one's. */
export interface Context {
  /** Time of the event in hand, in milliseconds since 1970. */
  readonly at: number;
  readonly scale: Scale;
  readonly feeAsset: FeeAsset;
  readonly bidTicks: number;
  readonly askTicks: number;
  readonly position: Readonly<Position>;
  /** Whether orders may be placed now; `false` while the run pauses, is paused or ends, when every order would be refused. */
  readonly isTrading: boolean;
  /** Whether orders may open anything now: trading is neither halted nor reduced, and every instrument of the run can be traded. */
  readonly canOpen: boolean;
  /** All instruments of the run, the first one first. */
  readonly legs: readonly LegContext[];
  /** The instrument of a name that the strategy has declared. */
  leg(name: string): LegContext;
  /** Hands free quote of one coin's budget to another's, at most as many atoms of the first; both are priced in the same coin. */
  moveQuote(from: string, to: string, atoms: number): void;
  /** Asks for `spreadReached`; stays set until another is, or `null`. */
  watchSpread(watch: SpreadWatch | null): void;
  /** Base that is neither sold nor offered for sale, in grains. Of a perpetual what reduce-only orders may still close of the position. */
  freeBaseGrains(): number;
  /** Quote of the budget that is neither spent nor bound by open orders, in atoms. Of a perpetual margin that is neither lost nor bound. */
  freeQuoteAtoms(): number;
  /** Order by its ClientOrderId while it is alive. */
  order(clientOrderId: string): Readonly<Order> | undefined;
  /** Asks for an order; the answer comes as events. Returns its ClientOrderId. A refusal by risk comes as `orderClosed`. */
  submit(request: OrderRequest): string;
  /** Asks to cancel; the end comes as `orderClosed`, or as fills if they were first. */
  cancel(clientOrderId: string): void;
  /** Asks for `priceReached` once the bid is at or below `belowTicks` or the ask at or above `aboveTicks`; 0 and Infinity watch nothing. Stays set. */
  watchPrice(belowTicks: number, aboveTicks: number): void;
  setTimer(name: string, at: number): void;
  clearTimer(name: string): void;
  /** Tells the user a fact. Who tells many of them hands over how they are written: in a backtest only the first are read. */
  report(fact: 'target_reached' | 'strategy_note', text: string | WriteReport, data?: Readonly<Record<string, string | number | boolean | null>>): void;
  /** Makes these a part of its bot's settings from now on, in the step in hand; its next run begins with them. In this run the strategy keeps to them by itself. */
  keepSettings(settings: Readonly<Record<string, unknown>>): void;
  /** Ends the run: cancels what is open, liquidates as asked, and stops. */
  finish(reason: string, liquidation: Liquidation): void;
}

/** An instrument that a strategy trades beside the first. */
export interface LegWish {
  /** The strategy's own word for it, such as `perpetual`. */
  readonly name: string;
  readonly symbol: string;
  readonly kind: InstrumentKind;
}

/** What is known of one instrument before a run starts. */
export interface PlanLeg {
  readonly scale: Scale;
  readonly feeAsset: FeeAsset;
  readonly bidTicks: number;
  readonly askTicks: number;
}

/** What is known before a run starts. */
export interface PlanInput<Spec extends ParamsSpec> extends PlanLeg {
  readonly params: ParamsOf<Spec>;
  /** The instruments beyond the first, in the order in which the strategy declares them. */
  readonly otherLegs?: readonly (PlanLeg & { readonly name: string })[];
}

/** The kinds of automatic actions. */
export type RuleName = 'opposite' | 'placeAgain' | 'cancelRest' | 'takeProfit' | 'stopLoss';

/** What a run needs of the account for one instrument, and how it holds it. */
export interface LegNeed {
  /** Quote the run needs, in atoms; of a perpetual its margin. */
  readonly quoteAtoms: number;
  /** Base the run is lent from the account, in grains; 0 of a perpetual. */
  readonly baseGrains: number;
  /** Of a perpetual: how the account's position in it is to be held. Leverage 1 and isolated where not given. */
  readonly leverage?: number;
  readonly marginMode?: MarginMode;
}

/** Either why the settings cannot work, or what the run will need and what it promises, as plain decimals for people. */
export type Plan =
  | { readonly ok: false; readonly issues: readonly Issue[] }
  | (LegNeed & {
      readonly ok: true;
      /** What it needs for the instruments beyond the first, in the order in which the strategy declares them. */
      readonly otherLegs?: readonly LegNeed[];
      readonly preview: Readonly<Record<string, unknown>>;
    });

/** Bars of one length that a run needs. */
export interface BarsWanted {
  readonly intervalMs: number;
  /** Closed bars that should reach it before it has to decide anything, at most {@link MAX_WARM_UP_BARS}; with fewer it waits until it has seen enough. */
  readonly warmUp: number;
}

/** What venues tell in one or two requests. */
export const MAX_WARM_UP_BARS = 1_000;

/** Something a user may tell a running strategy to do. */
export interface CommandSpec {
  readonly title: Text;
  readonly help: Text;
  readonly params: ParamsSpec;
}

/** Either what a command would do, as plain decimals for people, or why it would not be carried out, naming its parameters. */
export type CommandPlan =
  | { readonly ok: false; readonly issues: readonly Issue[] }
  | { readonly ok: true; readonly preview: Readonly<Record<string, unknown>> };

export interface Strategy<Spec extends ParamsSpec = ParamsSpec, State = unknown> {
  /** Its name on the wire, such as `grid`. */
  readonly name: string;
  /** Raised when its state or behaviour changes; a run keeps the version it began with in its journal. */
  readonly version: number;
  readonly title: Text;
  readonly summary: Text;
  readonly params: Spec;
  /** Kinds of instruments it trades; spot alone where not given. */
  readonly markets?: readonly InstrumentKind[];
  /** The strategy's word for its first instrument, where it trades several. */
  readonly legName?: string;
  /** The instruments it trades beside the one of its bot, all priced in the same coin. */
  otherLegs?(params: ParamsOf<Spec>, symbol: string): readonly LegWish[];
  /** Market data that must reach it beyond watched prices. */
  readonly wants: { readonly bars: boolean; readonly quotes: boolean };
  /** The bars it needs with these settings, where it wants any; without it a backtest tells it the bars of its history, and a live run none. */
  bars?(params: ParamsOf<Spec>): readonly BarsWanted[];
  /**
   * Where it decides by a rule over the closes of one length of bars: it is told `barTurned` where the rule turns instead of every
   * bar, so a backtest can pass over all others. Such a strategy wants at most one length of bars.
   */
  readonly rule?: BarRule<Spec>;
  /** What a user may tell it to do while it runs, by the name on the wire. */
  readonly commands?: Readonly<Record<string, CommandSpec>>;
  /**
   * What a command would do now, before it is given. Called with a copy of the run: it may read everything, and what it asks of the
   * context is not carried out.
   */
  previewCommand?(context: Context, state: State, name: string, given: Readonly<Record<string, unknown>>, params: ParamsOf<Spec>): CommandPlan;
  /**
   * Which automatic actions its user may have follow its orders; none when left out. `placeAgain` asks it to know `orderReplaced`;
   * the others that it does not itself sell what it buys, or does so only after looking at what is free.
   */
  readonly rules?: readonly RuleName[];
  /** Rules across settings, checked before anything is placed. */
  plan(input: PlanInput<Spec>): Plan;
  /** Begins a run at the current market price and returns its state: plain data that survives JSON. */
  start(context: Context, params: ParamsOf<Spec>): State;
  /** Reacts to one event, changing its own state in place; `params` are those the run was started with. */
  on(context: Context, state: State, event: StrategyEvent, params: ParamsOf<Spec>): void;
  /** What its state says to people, such as profit per completed trade: plain decimals, small, in the wire's snake_case. */
  figures?(state: State, scale: Scale): Readonly<Record<string, string | number | boolean | null>>;
}

/** Keeps the types of a strategy's declaration exact. */
export function defineStrategy<const Spec extends ParamsSpec, State>(strategy: Strategy<Spec, State>): Strategy<Spec, State> {
  return strategy;
}
