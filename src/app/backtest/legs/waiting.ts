/** What a run over several instruments waits for as it stands: prices, a distance of two of them, and times. */
import type { Engine } from '#core/engine/engine.ts';
import type { ExchangeDriver } from '../exchange-driver.ts';
import { isReachedAt, type PriceRange, priceAt, type WatchedSpread } from './quiet-moments.ts';
import type { Timeline, TimelineLeg } from './timeline.ts';

export class Waiting {
  /** Whether anything may be passed over; while the run begins or ends every price counts. */
  mayPass = false;
  /** When the next timer fires or a position pays funding, in milliseconds since 1970. */
  dueAt = Number.NEGATIVE_INFINITY;
  readonly ranges: readonly PriceRange[];
  spread: WatchedSpread | null = null;
  readonly #driver: ExchangeDriver;
  readonly #half: number;

  constructor(driver: ExchangeDriver, halfTicks: number) {
    this.#driver = driver;
    this.#half = halfTicks;
    this.ranges = driver.engine.legs.all.map(() => ({ downTicks: 0, upTicks: Number.POSITIVE_INFINITY }));
  }

  /** Looks anew; to be called when anything was told to the engine or the exchange. */
  look(): void {
    const { engine } = this.#driver;
    this.mayPass = engine.state.phase === 'running';
    if (!this.mayPass) return;
    this.#lookAtLegs(engine);
    this.spread = this.#watchedSpread(engine);
  }

  /** Whether a third of a moment changes nothing. */
  isQuiet({ legs }: Timeline, moment: number, third: number, at: number): boolean {
    if (!this.mayPass || at >= this.dueAt) return false;
    for (let leg = 0; leg < legs.length; leg += 1) {
      const { downTicks, upTicks } = this.ranges[leg] as PriceRange;
      const ticks = priceAt(legs[leg] as TimelineLeg, moment, third);
      if (ticks <= downTicks || ticks >= upTicks) return false;
    }
    const { spread } = this;
    return spread === null || !isReachedAt(legs[spread.long] as TimelineLeg, legs[spread.short] as TimelineLeg, moment, third, spread);
  }

  #lookAtLegs({ legs: { all } }: Engine): void {
    const driver = this.#driver;
    this.dueAt = driver.nextTimerAt;
    for (let index = 0; index < all.length; index += 1) {
      const { state, symbol } = all[index] as Engine['legs']['first'];
      const { downTicks, upTicks, dueAt } = driver.exchange.waits(symbol);
      const range = this.ranges[index] as PriceRange;
      range.downTicks = Math.max(downTicks, state.watchBelowTicks + this.#half);
      range.upTicks = Math.min(upTicks, (state.watchAboveTicks ?? Number.POSITIVE_INFINITY) - this.#half);
      if (dueAt < this.dueAt) this.dueAt = dueAt;
    }
  }

  #watchedSpread({ legs, state: { spreadWatch: watch } }: Engine): WatchedSpread | null {
    if (watch === undefined) return null;
    const placeOf = (name: string) => legs.all.indexOf(legs.of(name));
    return { long: placeOf(watch.long), short: placeOf(watch.short), above: watch.above, below: watch.below, halfTicks: this.#half };
  }
}
