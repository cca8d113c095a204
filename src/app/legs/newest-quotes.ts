/** The newest price of each instrument of a run, kept until its engine has to act on it. */
import type { Engine } from '#core/engine/engine.ts';
import type { QuoteChanged } from '#core/events.ts';
import type { Leg } from '#core/legs/leg.ts';
import type { LegQuote } from '#core/legs/legs.ts';
import type { Quote } from '#core/venue-ports.ts';

export class NewestQuotes {
  readonly #engine: Engine;
  readonly #newest = new Map<Leg, LegQuote>();
  readonly #of = (leg: Leg): LegQuote => this.#newest.get(leg) ?? leg.state;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  of(leg: Leg): LegQuote {
    return this.#of(leg);
  }

  /** `false` for a quote that has no bid. */
  take(leg: Leg, quote: Quote): boolean {
    const { scale } = leg.terms;
    const bidTicks = scale.ticks(quote.bid, 'down');
    if (bidTicks <= 0) return false;
    this.#newest.set(leg, { bidTicks, askTicks: scale.ticks(quote.ask, 'up') });
    return true;
  }

  /** Whether the engine would act on what it has not been told yet. */
  areWanted(): boolean {
    const changed = this.#changed();
    if (changed.length === 0) return false;
    const engine = this.#engine;
    return (
      changed.some((leg) => {
        const { bidTicks, askTicks } = this.#of(leg);
        return engine.wantsQuote(bidTicks, askTicks, leg);
      }) || engine.wantsSpread(this.#of)
    );
  }

  /** What the engine has not been told yet, of all instruments, as events of one moment. */
  untold(at: number): readonly QuoteChanged[] {
    const changed = this.#changed();
    return changed.map((leg, index) => {
      const event: QuoteChanged = { type: 'quoteChanged', at, ...this.#of(leg), ...leg.mark };
      return index < changed.length - 1 ? { ...event, hasMore: true } : event;
    });
  }

  #changed(): readonly Leg[] {
    return this.#engine.legs.all.filter((leg) => {
      const { bidTicks, askTicks } = this.#of(leg);
      return bidTicks !== leg.state.bidTicks || askTicks !== leg.state.askTicks;
    });
  }
}
