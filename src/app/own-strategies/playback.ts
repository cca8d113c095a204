/**
 * A strategy that does what was wished elsewhere: the engine of this side is told everything and decides everything, and
 * the wishes of a sandboxed strategy come in where a strategy would have acted.
 */
import type { ParamsOf, ParamsSpec } from '#core/params.ts';
import { failureText } from '#core/sandbox/failure.ts';
import type { Figures, PlanAnswer, Rehearsal, RehearsedRun, Wish } from '#core/sandbox/port.ts';
import type { Declaration } from '#core/sandbox/program.ts';
import { carryOut } from '#core/sandbox/wishes.ts';
import type { Context, Strategy } from '#core/strategy.ts';

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
  /** The strategy is told something; what does it want? */
  next(context: Context, state: KeptState): readonly Wish[];
}

/** The strategy as the rest of the product knows it. `planned` has what it said of its settings, where it was asked. */
export function playback(declaration: Declaration, name: string, planned: PlanAnswer | null, source: WishSource): Strategy<ParamsSpec, KeptState> {
  const { version, title, summary, params, markets, wants, commands, choosesBars } = declaration;
  const bars = planned?.bars ?? [];
  return {
    name,
    version,
    title,
    summary,
    params,
    markets,
    wants,
    commands,
    rules: [],
    ...(choosesBars ? { bars: (_params: ParamsOf<ParamsSpec>) => bars } : {}),
    plan: () => {
      if (planned === null) throw new Error(`strategy ${name} was not asked for its plan`);
      return planned.plan;
    },
    start(context) {
      const state: KeptState = { json: 'null', figures: {}, reportsSince: 0, reports: 0 };
      play(context, source.next(context, state));
      return state;
    },
    on(context, state) {
      const wishes = source.next(context, state);
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
export class RehearsedWishes implements WishSource {
  readonly #rehearsal: Rehearsal;
  #tells = 0;
  #index = 0;
  #nextTell: number;
  readonly #failedTell: number;

  constructor(rehearsal: Rehearsal) {
    this.#rehearsal = rehearsal;
    this.#nextTell = rehearsal.wishes[0]?.tell ?? Number.POSITIVE_INFINITY;
    this.#failedTell = rehearsal.failure?.tell ?? Number.POSITIVE_INFINITY;
  }

  /** Whether every wish came to its turn; if not, the strategy has been told something else there than here. */
  get isSpent(): boolean {
    return this.#index >= this.#rehearsal.wishes.length && (this.#rehearsal.failure === null || this.#tells >= this.#failedTell);
  }

  next(context: Context): readonly Wish[] {
    this.#tells += 1;
    if (this.#tells === this.#failedTell) context.finish(failureReason(this.#rehearsal), 'keep');
    if (this.#tells !== this.#nextTell) return NOTHING;
    const wishes = this.#rehearsal.wishes[this.#index]?.wishes ?? NOTHING;
    this.#index += 1;
    this.#nextTell = this.#rehearsal.wishes[this.#index]?.tell ?? Number.POSITIVE_INFINITY;
    return wishes;
  }
}

const NOTHING: readonly Wish[] = [];

function failureReason({ failure }: Rehearsal): string {
  return failure === null ? '' : failureText(failure.failure);
}
