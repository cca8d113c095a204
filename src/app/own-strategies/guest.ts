/**
 * The inside of a sandbox: what runs beside a user's strategy in its isolate. The very engine of the product steps in
 * here as a mirror, so that the strategy has a true context; what leaves are the wishes it recorded, as JSON.
 */
import { runBacktest } from '#app/backtest/backtest.ts';
import type { LegHistory } from '#app/backtest/legs/leg-history.ts';
import { type LegsBacktestOptions, runLegsBacktest } from '#app/backtest/legs/legs-backtest.ts';
import { legsModels } from '#app/backtest/legs/legs-models.ts';
import type { VenueModel } from '#app/backtest/venue-model.ts';
import { legsWanted } from '#app/legs/leg-markets.ts';
import type { Bars } from '#core/bars/bars.ts';
import type { RunState } from '#core/engine/run-state.ts';
import type { Event } from '#core/events.ts';
import { Scale } from '#core/instrument.ts';
import { parseParams } from '#core/params.ts';
import { readProgram } from '#core/sandbox/declaration.ts';
import type { Figures, HistoryKeys, PlanMarket, PlanQuestion, RehearsalWay, Tell, Wish } from '#core/sandbox/port.ts';
import { WishTape } from '#core/sandbox/wish-tape.ts';
import { isFigures } from '#core/sandbox/wishes.ts';
import type { RunRecipe } from '#core/store/runs.ts';
import type { PlanLeg, Strategy } from '#core/strategy.ts';
import { Listener } from './listener.ts';
import { Mirror } from './mirror.ts';
import { type Fault, faultOf, Observed } from './observed.ts';
import { enterEvent, impoverish } from './realm.ts';
import { TRIAL_INSTRUMENT, trialBars, trialLeg, trialSettings } from './trial.ts';

// Taken before the program is let in, which may put its own in their place.
const { stringify, parse } = JSON;

const NO_PRICE = { ok: false, issues: [{ field: 'symbol', message: 'has no price yet' }] } as const;
const TRIAL_INTERVAL_MS = 60_000;

const histories = new Map<number, Bars>();
let adopted: Strategy | null = null;
let mirror: Mirror | null = null;

/** Before anything of the program is evaluated. */
export function prepare(): void {
  impoverish();
  enterEvent({ at: 0, tells: 0 });
}

/** Takes the default export of the program; answers with its declaration. */
export function adopt(given: unknown): string {
  return answer(() => {
    const { declaration, strategy } = readProgram(given);
    adopted = strategy;
    return declaration;
  });
}

/** Answers a question for a plan. */
export function plan(question: string): string {
  return answer(() => {
    const { params, otherLegs = [], ...first } = parse(question) as PlanQuestion;
    const own = theStrategy();
    const others = otherLegs.map((leg) => ({ name: leg.name, ...planLeg(leg) }));
    const plan = first.bidTicks === 0 ? NO_PRICE : own.plan({ params, ...planLeg(first), ...(others.length === 0 ? {} : { otherLegs: others }) });
    return { plan, bars: own.wants.bars ? (own.bars?.(params) ?? []) : [], otherLegs: own.otherLegs?.(params, first.instrument.symbol) ?? [] };
  });
}

function planLeg({ instrument, feeAsset, bidTicks, askTicks }: PlanMarket): PlanLeg {
  return { scale: new Scale(instrument), feeAsset, bidTicks, askTicks };
}

/** Begins a run, or goes on with one from the state that the engine outside has of it. */
export function open(recipe: string, state: string): string {
  return answer(() => {
    mirror = new Mirror(theStrategy(), parse(recipe) as RunRecipe, parse(state) as RunState);
    return true;
  });
}

/** Takes the run's next event. */
export function step(event: string): string {
  return answer(() => {
    if (mirror === null) throw new Error('no run is open');
    return mirror.step(parse(event) as Event);
  });
}

/** Keeps a history for rehearsals, in the place of the one under the same number. Its program never gets hold of the columns. */
export function remember(key: number, bars: Bars): string {
  return answer(() => {
    histories.set(key, bars);
    return true;
  });
}

export function forget(key: number): string {
  return answer(() => histories.delete(key));
}

/** Goes through a whole history. */
export function rehearse(options: string, barsKey: number, historyKey: number | null): string {
  return answer(() => {
    const { config, instrument, venue, rules, limits, legs } = parse(options) as Omit<RehearsalWay, 'bars' | 'history'>;
    const model = (venue ?? {}) as VenueModel;
    const first = remembered({ bars: barsKey, history: historyKey });
    const followed = rules === undefined ? {} : { rules };
    if (legs === undefined) return goThrough({ config, instrument, ...first, venue: model, ...followed, ...(limits === undefined ? {} : { limits }) });
    const others = legs.map((leg) => ({ instrument: leg.instrument, ...remembered(leg) }));
    return goThroughLegs({ config, first: { instrument, ...first }, others, venue: model, ...followed });
  });
}

function remembered({ bars: barsKey, history: historyKey }: HistoryKeys): { readonly bars: Bars; readonly history?: Bars } {
  const bars = histories.get(barsKey);
  const history = historyKey === null ? null : histories.get(historyKey);
  if (bars === undefined || history === undefined) throw new Error('the history is not here');
  return history === null ? { bars } : { bars, history };
}

/** Has the program trade a made-up history twice; answers with its orders, and whether it does the same when it is moved meanwhile. */
export function tryOut(): string {
  return answer(() => {
    const own = theStrategy();
    const config = trialSettings(own.params);
    const params = parseParams(own.params, config);
    const [wanted] = params.ok && own.wants.bars ? (own.bars?.(params.value) ?? []) : [];
    const intervalMs = wanted?.intervalMs ?? TRIAL_INTERVAL_MS;
    const bars = trialBars(intervalMs);
    const wishes = params.ok ? legsWanted(own, config, TRIAL_INSTRUMENT.symbol) : [];
    const others = wishes.map((wish, index) => ({ instrument: trialLeg(wish), bars: trialBars(intervalMs, index + 1) }));
    const go = (isMoved: boolean): Gone =>
      others.length === 0
        ? goThrough({ config, instrument: TRIAL_INSTRUMENT, bars }, isMoved)
        : goThroughLegs({ config, first: { instrument: TRIAL_INSTRUMENT, bars }, others, venue: {} }, isMoved);
    const first = go(false);
    if (first.failure !== null) return { ...first, wishes: [], isSame: true, orders: 0 };
    const moved = go(true);
    return { failure: moved.failure, isSame: stringify(first.wishes) === stringify(moved.wishes), orders: first.orders };
  });
}

type Way = Omit<Parameters<typeof runBacktest>[0], 'strategy'>;

interface Gone {
  /** A tape of wishes. */
  readonly wishes: readonly unknown[];
  readonly orders: number;
  readonly figures: Figures;
  readonly failure: (Tell & { readonly fault: Fault }) | null;
}

interface LegsWay extends Pick<LegsBacktestOptions, 'config' | 'first' | 'rules'> {
  readonly others: readonly LegHistory[];
  readonly venue: VenueModel;
}

function goThrough(way: Way, isMoved = false): Gone {
  return observing(isMoved, (observed) => {
    // A state that is moved before every call is not moved unseen.
    const listener = isMoved ? {} : { heard: new Listener(observed, way.venue?.halfSpreadTicks ?? 0) };
    return runBacktest({ ...way, ...listener, strategy: observed.strategy }).figures;
  });
}

function goThroughLegs({ others, venue, ...way }: LegsWay, isMoved = false): Gone {
  const bySymbol = new Map(others.map((leg) => [leg.instrument.symbol, leg]));
  return observing(isMoved, ({ strategy }) => runLegsBacktest({ strategy, ...way, others: bySymbol, ...legsModels(venue) }).figures);
}

/** Has a run watch the strategy. Its figures are what the run says of it. */
function observing(isMoved: boolean, run: (observed: Observed) => unknown): Gone {
  const tape = new WishTape();
  const keep = (wishes: readonly Wish[], isBar: boolean): void => tape.add(observed.tellOf(isBar), wishes);
  const observed = new Observed(theStrategy(), keep, isMoved);
  const figures = figuresOf(observed, run);
  const { fault, failedAt } = observed;
  return {
    wishes: tape.values,
    orders: tape.orders,
    figures: isFigures(figures) ? figures : {},
    failure: fault === null || failedAt === null ? null : { ...failedAt, fault },
  };
}

function figuresOf(observed: Observed, run: (observed: Observed) => unknown): unknown {
  try {
    return run(observed);
  } catch (error) {
    if (observed.fault === null || error !== observed.error) throw error;
    return {};
  }
}

function theStrategy(): Strategy {
  if (adopted === null) throw new Error('no strategy has been adopted');
  return adopted;
}

/** Everything leaves as a text; what cannot be one is the program's fault. */
function answer(act: () => unknown): string {
  try {
    return stringify({ ok: true, value: act() });
  } catch (error) {
    return stringify({ ok: false, fault: faultOf(error) });
  }
}
