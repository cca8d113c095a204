/**
 * The inside of a sandbox: what runs beside a user's strategy in its isolate. The very engine of the product steps in
 * here as a mirror, so that the strategy has a true context; what leaves are the wishes it recorded, as JSON.
 */
import { runBacktest, type VenueModel } from '#app/backtest.ts';
import type { Bars } from '#core/bars.ts';
import type { Event } from '#core/events.ts';
import { Scale } from '#core/instrument.ts';
import type { RunState } from '#core/run-state.ts';
import { MAX_REHEARSED_WISHES } from '#core/sandbox/answers.ts';
import { readProgram } from '#core/sandbox/declaration.ts';
import type { PlanQuestion, RehearsalOptions, Wish } from '#core/sandbox/port.ts';
import { isFigures } from '#core/sandbox/wishes.ts';
import type { RunRecipe } from '#core/store.ts';
import type { Strategy } from '#core/strategy.ts';
import { Mirror } from './mirror.ts';
import { faultOf, Observed } from './observed.ts';
import { enterEvent, impoverish } from './realm.ts';

// Taken before the program is let in, which may put its own in their place.
const { stringify, parse } = JSON;

let adopted: Strategy | null = null;
let mirror: Mirror | null = null;

/** Before anything of the program is evaluated. */
export function prepare(): void {
  impoverish();
  enterEvent(0, 0);
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
    const { params, instrument, feeAsset, bidTicks, askTicks } = parse(question) as PlanQuestion;
    const own = theStrategy();
    const plan = own.plan({ params, scale: new Scale(instrument), feeAsset, bidTicks, askTicks });
    return { plan, bars: own.wants.bars ? (own.bars?.(params) ?? []) : [] };
  });
}

/** Begins a run, or goes on with one from the state that the engine outside has of it. */
export function open(recipe: string, state: string): string {
  return answer(() => {
    mirror = new Mirror(theStrategy(), parse(recipe) as RunRecipe, parse(state) as RunState | null);
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

/** Goes through a whole history. The columns come as such; the rest of the options as JSON. */
export function rehearse(options: string, bars: Bars, history: Bars | null): string {
  return answer(() => {
    const tape: { readonly tell: number; readonly wishes: readonly Wish[] }[] = [];
    let count = 0;
    const observed = new Observed(theStrategy(), (tell, wishes) => {
      if (wishes.length === 0) return;
      count += wishes.length;
      if (count > MAX_REHEARSED_WISHES) throw new RangeError(`more than ${MAX_REHEARSED_WISHES} wishes in one backtest`);
      tape.push({ tell, wishes });
    });
    const figures = goThrough(observed, parse(options) as Omit<RehearsalOptions, 'bars' | 'history'>, bars, history);
    const { fault, tells } = observed;
    return { wishes: tape, figures: isFigures(figures) ? figures : {}, failure: fault === null ? null : { tell: tells, fault } };
  });
}

function goThrough(observed: Observed, options: Omit<RehearsalOptions, 'bars' | 'history'>, bars: Bars, history: Bars | null): unknown {
  const { config, instrument, venue, limits } = options;
  try {
    return runBacktest({
      strategy: observed.strategy,
      config,
      instrument,
      bars,
      ...(history === null ? {} : { history }),
      ...(venue === undefined ? {} : { venue: venue as VenueModel }),
      ...(limits === undefined ? {} : { limits }),
    }).figures;
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
