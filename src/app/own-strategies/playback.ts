/**
 * A strategy that does what was wished elsewhere: the engine of this side is told everything and decides everything, and
 * the wishes of a sandboxed strategy come in where a strategy would have acted.
 */
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import { failureText } from '#core/sandbox/failure.ts';
import type { Figures, PlanAnswer, Rehearsal, RehearsedRun, Wish } from '#core/sandbox/port.ts';
import type { Declaration } from '#core/sandbox/program.ts';
import { carryOut, isPossible } from '#core/sandbox/wishes.ts';
import type { Context, Strategy, StrategyEvent } from '#core/strategy.ts';
import type { HeardBars } from '../backtest/heard-feed.ts';

/** What the engine keeps of a strategy that lives elsewhere: its state as the JSON it gave, and its figures. */
export interface KeptState {
  json: string;
  figures: Figures;
  /** Facts told to the user since a time. */
  reportsSince: number;
  reports: number;
}

/** Where the wishes of a call come from. */
export interface WishSource {
  /** The strategy is told something, or begins where that is `null`; what does it want? */
  next(context: Context, state: KeptState, event: StrategyEvent | null): readonly Wish[];
}

/** Where a strategy is only described and never told anything. */
export const SILENT: WishSource = { next: () => [] };

/** The strategy as the rest of the product knows it. `planned` has what it said of its settings, where it was asked. */
export function playback(declaration: Declaration, name: string, planned: PlanAnswer | null, source: WishSource): Strategy<ParamsSpec, KeptState> {
  const { version, title, summary, params, markets, wants, commands, rules = [], choosesBars, legName, choosesLegs } = declaration;
  const bars = planned?.bars ?? [];
  const asked = (): PlanAnswer => {
    if (planned === null) throw new Error(`strategy ${name} was not asked for its plan`);
    return planned;
  };
  return {
    name,
    version,
    title,
    summary,
    params,
    markets,
    wants,
    commands,
    rules,
    ...(choosesBars ? { bars: (_params: ParamsOf<ParamsSpec>) => bars } : {}),
    ...(legName === undefined ? {} : { legName }),
    ...(choosesLegs === true ? { otherLegs: () => asked().otherLegs ?? [] } : {}),
    plan: () => asked().plan,
    start(context) {
      const state: KeptState = { json: 'null', figures: {}, reportsSince: 0, reports: 0 };
      play(context, source.next(context, state, null));
      return state;
    },
    on(context, state, event) {
      const wishes = source.next(context, state, event);
      if (wishes.length > 0) play(context, wishes);
    },
    figures: (state) => state.figures,
  };
}

function play(context: Context, wishes: readonly Wish[]): void {
  for (const wish of wishes) carryOut(context, wish);
}

/** The strategy of a backtest, as it has been rehearsed with the very options of that backtest. */
export function rehearsed({ declaration, reference, planned, rehearsal }: RehearsedRun): { readonly strategy: Strategy; readonly wishes: RehearsedWishes } {
  const wishes = new RehearsedWishes(rehearsal);
  const strategy = playback(declaration, reference, planned, wishes);
  return { strategy: { ...strategy, figures: () => rehearsal.figures } as Strategy, wishes };
}

/** Gives back what was wished in a rehearsal. Where the strategy failed, the run ends, as a live one would. */
export class RehearsedWishes implements WishSource, HeardBars {
  readonly #rehearsal: Rehearsal;
  #bars = 0;
  #others = 0;
  /** The next of the wishes. */
  #index = 0;
  /** The next of the wishes at a bar, and the number of that bar; the bar of the failure comes last. */
  #barIndex = -1;
  #nextBar = 0;
  #hasFailed = false;
  #hasLied = false;

  constructor(rehearsal: Rehearsal) {
    this.#rehearsal = rehearsal;
    this.#findBar();
  }

  /** Whether every wish came to its turn; if not, the strategy has been told something else there than here. */
  get isSpent(): boolean {
    return !this.#hasLied && this.#index >= this.#rehearsal.wishes.length && (this.#rehearsal.failure === null || this.#hasFailed);
  }

  quietBars(): number {
    return this.#nextBar - this.#bars - 1;
  }

  pass(bars: number): void {
    this.#bars += bars;
  }

  next(context: Context, _state: KeptState, event: StrategyEvent | null): readonly Wish[] {
    const isBar = event?.type === 'barClosed';
    const tell = isBar ? ++this.#bars : ++this.#others;
    if (isBar && tell === this.#nextBar) this.#findBar();
    const { wishes, failure } = this.#rehearsal;
    if (failure !== null && failure.isBar === isBar && failure.tell === tell) {
      this.#hasFailed = true;
      context.finish(failureReason(this.#rehearsal), 'keep');
    }
    const wished = wishes[this.#index];
    if (wished === undefined || wished.tell !== tell || wished.isBar !== isBar) return NOTHING;
    this.#index += 1;
    if (wished.wishes.every((wish) => isPossible(context, wish))) return wished.wishes;
    this.#hasLied = true;
    return NOTHING;
  }

  #findBar(): void {
    const { wishes, failure } = this.#rehearsal;
    do this.#barIndex += 1;
    while (wishes[this.#barIndex]?.isBar === false);
    const failed = failure?.isBar === true && failure.tell > this.#bars ? failure.tell : Number.POSITIVE_INFINITY;
    this.#nextBar = wishes[this.#barIndex]?.tell ?? failed;
  }
}

const NOTHING: readonly Wish[] = [];

function failureReason({ failure }: Rehearsal): string {
  return failure === null ? '' : failureText(failure.failure);
}
