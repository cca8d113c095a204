/** The instruments of one run: the first, whose figures are a part of the run's own, and those beyond it by name. */

import type { RunDesk } from '../engine/run-desk.ts';
import type { RunState } from '../engine/run-state.ts';
import type { Order } from '../order.ts';
import type { TradingState } from '../risk.ts';
import { Leg } from './leg.ts';
import { type LegTerms, type NamedLegTerms, newLegState, type SpreadWatch } from './leg-state.ts';

/** What a run over several instruments is given beyond what every run has. */
export interface LegsSetup extends LegTerms {
  /** Name of the first instrument, where there are several. */
  readonly legName?: string;
  readonly otherLegs?: readonly NamedLegTerms[];
}

/** Instruments of one run at most, the first included. */
export const MAX_LEGS = 10;
/** What the first instrument is called where its strategy has no word for it. */
export const FIRST_LEG = 'first';

/** Best bid and ask in ticks. */
export interface LegQuote {
  readonly bidTicks: number;
  readonly askTicks: number;
}

export class Legs {
  readonly first: Leg;
  readonly all: readonly Leg[];
  readonly #byName: ReadonlyMap<string, Leg>;
  readonly #state: RunState;

  constructor(desk: RunDesk, setup: LegsSetup, state: RunState) {
    const { otherLegs = [], legName = FIRST_LEG } = setup;
    this.#state = state;
    this.first = new Leg(desk, this, otherLegs.length === 0 ? null : legName, setup, state);
    const others = otherLegs.map((terms) => {
      const states = (state.legs ??= {});
      return new Leg(desk, this, terms.name, terms, (states[terms.name] ??= newLegState()));
    });
    this.all = [this.first, ...others];
    this.#byName = new Map(this.all.map((leg) => [leg.name ?? legName, leg]));
  }

  /** The leg of a name; the first without one. Throws for a name that the run does not have. */
  of(name: string | undefined): Leg {
    if (name === undefined) return this.first;
    const leg = this.#byName.get(name);
    if (leg === undefined) throw new Error(`the run has no leg "${name}"`);
    return leg;
  }

  /** The leg that trades a symbol; `undefined` for one that the run has nothing to do with. */
  ofSymbol(symbol: string): Leg | undefined {
    return this.all.find((leg) => leg.symbol === symbol);
  }

  ofOrder({ leg }: Pick<Order, 'leg'>): Leg {
    return this.of(leg);
  }

  /** Whether every leg has a price. */
  get arePriced(): boolean {
    return this.all.every((leg) => leg.state.bidTicks > 0);
  }

  /** What is open to a run whose switches say `wanted`: while one of several instruments cannot be traded nothing is opened in the others. */
  tradingState(wanted: TradingState): TradingState {
    return wanted === 'active' && this.first.name !== null && this.all.some((leg) => !leg.isOpen) ? 'reducing' : wanted;
  }

  /**
   * Hands free quote of one leg to another, to the atom of the other and no more than is free. Only between coins with one quote: margin
   * stands behind its own position alone. Throws for other legs and for less than nothing.
   */
  moveQuote(from: Leg, to: Leg, atoms: number): void {
    const { scale } = from.terms;
    const isOneWallet = !scale.isPerpetual && !to.terms.scale.isPerpetual && scale.instrument.quote === to.terms.scale.instrument.quote;
    if (!isOneWallet || from === to || atoms < 0) throw new Error(`${atoms} atoms of ${from.symbol} cannot be moved to ${to.symbol}`);
    const received = to.terms.scale.atoms(scale.quote(Math.min(Math.floor(atoms), Math.max(0, from.freeQuoteAtoms()))), 'down');
    if (received === 0) return;
    from.addQuote(-scale.atoms(to.terms.scale.quote(received), 'up'));
    to.addQuote(received);
  }

  watchSpread(watch: SpreadWatch | null): void {
    if (watch === null) delete this.#state.spreadWatch;
    else this.#state.spreadWatch = watch;
  }

  /** Whether two prices are as far apart as the strategy waits for, at the quotes that `quoteOf` tells. */
  isSpreadReached(quoteOf: (leg: Leg) => LegQuote = ({ state }) => state): boolean {
    const watch = this.#state.spreadWatch;
    if (watch === undefined) return false;
    const long = quoteOf(this.of(watch.long));
    const short = quoteOf(this.of(watch.short));
    if (watch.above !== null && short.bidTicks >= watch.above * long.askTicks) return true;
    return watch.below !== null && short.askTicks <= watch.below * long.bidTicks;
  }

  /** What is held, as `1.5 ABC in ABC/USDT`; of a run with one instrument, and where nothing is held, nothing. */
  holdings(): readonly string[] {
    if (this.first.name === null) return [];
    const held = this.all.filter(({ state }) => state.position.baseGrains !== 0);
    return held.map(({ state, terms: { scale } }) => `${scale.base(state.position.baseGrains)} ${scale.instrument.base} in ${scale.instrument.symbol}`);
  }
}
