/**
 * The loop of a backtest: history goes through the one engine and the one matching engine, bar by bar. A bar that
 * reaches no order, no watched price and no due time costs two comparisons; all others are walked along their path.
 *
 * The path of a bar is fixed by rule, since a bar does not tell it: the market jumps from the last close to the open
 * (resting orders fill at their own price, everything else at the open), then goes to the low first when the bar
 * closes at or above its open and to the high first otherwise, then to the other extreme, then to the close. Each of
 * the three legs takes a third of the bar's time, at even speed.
 */
import { type Bars, firstBarAt } from '#core/bars.ts';
import type { Command } from '#core/commands.ts';
import type { Engine } from '#core/engine.ts';
import type { BarClosed, Event, QuoteChanged } from '#core/events.ts';
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Matching, Report } from '#core/matching/matching.ts';
import type { LatencyModel } from '#core/matching/models.ts';
import type { Fill } from '#core/position.ts';
import type { EquityCurve } from './equity-curve.ts';

export interface BarSimulationParts {
  readonly engine: Engine;
  readonly matching: Matching;
  readonly bars: Bars;
  readonly halfSpreadTicks: number;
  readonly latency: LatencyModel;
  /** Share of a bar's volume that our orders may fill; `null` for no limit. */
  readonly volumeShare: number | null;
  /** Sees every step as it happens, such as to record the tape. The event may be used again: copy it. */
  readonly onStep: (event: Event, commands: readonly Command[]) => void;
  /** Called at every point of the equity curve with the bars done; `false` ends the run there. */
  readonly onProgress: ((barsDone: number) => boolean) | null;
}

interface PendingRequest {
  readonly dueAt: number;
  readonly command: Extract<Command, { readonly type: 'submitOrder' | 'cancelOrder' }>;
}

const MAX_ACTIONS_PER_BAR = 100_000;
const NEVER = Number.POSITIVE_INFINITY;

export class BarSimulation {
  readonly #parts: BarSimulationParts;
  readonly #engine: Engine;
  readonly #matching: Matching;
  readonly #bars: Bars;
  readonly #half: number;
  readonly #requests: PendingRequest[] = [];
  readonly #timers = new Map<string, number>();
  /** One object for all bars: whoever keeps it copies it. */
  readonly #bar: { -readonly [Key in keyof BarClosed]: BarClosed[Key] } = {
    type: 'barClosed',
    at: 0,
    openTicks: 0,
    highTicks: 0,
    lowTicks: 0,
    closeTicks: 0,
    volumeLots: 0,
  };
  /** Likewise for quotes. */
  readonly #quote: { -readonly [Key in keyof QuoteChanged]: QuoteChanged[Key] } = { type: 'quoteChanged', at: 0, bidTicks: 0, askTicks: 0 };
  readonly curve: EquityCurve;
  /** The bar in hand. */
  #index = 0;
  /** Bars whose equity has been followed. */
  #accounted = 0;
  #now = 0;
  #nextDueAt = NEVER;
  #actions = 0;
  #isFinished = false;
  /** Fees paid in a third asset: they lower what was earned but neither holding. */
  otherFeeAtoms = 0;
  finishReason = '';
  barsDone = 0;

  constructor(parts: BarSimulationParts, curve: EquityCurve) {
    this.#parts = parts;
    this.#engine = parts.engine;
    this.#matching = parts.matching;
    this.#bars = parts.bars;
    this.#half = parts.halfSpreadTicks;
    this.curve = curve;
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  run(): void {
    const { length } = this.#bars;
    this.#begin();
    const wantsBars = this.#engine.setup.strategy.wants.bars;
    const wantsAll = wantsBars || this.#engine.setup.strategy.wants.quotes;
    while (this.#index < length && !this.#isFinished) {
      if (!wantsAll) this.#skipQuiet();
      if (this.#index >= length || this.#isFinished) break;
      if (this.#isTouched(this.#index)) this.#walk(this.#index);
      else this.#matching.jump(this.#bars.closeTicks[this.#index] as number);
      if (wantsBars) this.#closeBar(this.#index);
      this.#index += 1;
      if (this.#index >= this.curve.nextSample) this.#accountTo(this.#index);
    }
    this.#accountTo(this.#index);
    this.barsDone = this.#index;
    this.curve.close(this.#index);
  }

  #begin(): void {
    const open = this.#bars.openTicks[0] ?? 0;
    this.#now = this.#bars.startAt[0] ?? 0;
    this.#matching.quote(open - this.#half, open + this.#half);
    this.#syncQuote();
    this.#step({ type: 'runStarted', at: this.#now, epoch: 1 });
    this.#deliver();
  }

  /** Goes on to the next bar in which something happens. */
  #skipQuiet(): void {
    const { lowTicks, highTicks, closeTicks, intervalMs, length } = this.#bars;
    const downAt = this.#downAt();
    const upAt = this.#upAt();
    const from = this.#index;
    const dueBar = this.#nextDueAt === NEVER ? length : Math.max(from, firstBarAt(this.#bars, this.#nextDueAt - intervalMs, from));
    let index = from;
    while (index < dueBar && !this.#isFinished) {
      const end = Math.min(dueBar, this.curve.nextSample);
      while (index < end && (lowTicks[index] as number) > downAt && (highTicks[index] as number) < upAt) index += 1;
      if (index >= this.curve.nextSample) this.#accountTo(index);
      if (index < end) break;
    }
    this.#index = index;
    if (index > from) this.#matching.jump(closeTicks[index - 1] as number);
  }

  /** Follows equity up to a bar with the holding of now: called before the holding changes, and where a sample is due. */
  #accountTo(done: number): void {
    if (done <= this.#accounted) return;
    this.curve.follow(this.#bars.closeTicks, this.#accounted, done, this.#cashAtoms(), this.#baseLots());
    this.#accounted = done;
    if (this.curve.takeSampled() && this.#parts.onProgress !== null && !this.#parts.onProgress(done)) this.#isFinished = true;
  }

  #cashAtoms(): number {
    return this.#engine.state.position.quoteAtoms - this.otherFeeAtoms;
  }

  #baseLots(): number {
    return this.#engine.state.position.baseGrains / GRAINS_PER_LOT;
  }

  /** Bars whose low stays above this and whose high stays below {@link #upAt} change nothing. */
  #downAt(): number {
    return Math.max(this.#matching.nextDownTicks, this.#engine.state.watchBelowTicks + this.#half);
  }

  #upAt(): number {
    return Math.min(this.#matching.nextUpTicks, (this.#engine.state.watchAboveTicks ?? NEVER) - this.#half);
  }

  #isTouched(index: number): boolean {
    const { lowTicks, highTicks, startAt, intervalMs } = this.#bars;
    if ((lowTicks[index] ?? 0) <= this.#downAt() || (highTicks[index] ?? 0) >= this.#upAt()) return true;
    return this.#engine.setup.strategy.wants.quotes || (startAt[index] ?? 0) + intervalMs >= this.#nextDueAt;
  }

  #walk(index: number): void {
    const { bars } = this.#parts;
    const startAt = bars.startAt[index] ?? 0;
    const open = bars.openTicks[index] ?? 0;
    const close = bars.closeTicks[index] ?? 0;
    const low = bars.lowTicks[index] ?? 0;
    const high = bars.highTicks[index] ?? 0;
    const third = bars.intervalMs / 3;
    const { volumeShare } = this.#parts;
    this.#actions = 0;
    this.#now = Math.max(this.#now, startAt);
    this.#matching.quote(open - this.#half, open + this.#half, volumeShare === null ? NEVER : Math.floor((bars.volumeLots[index] ?? 0) * volumeShare));
    while (this.#matching.settle()) this.#deliver();
    this.#lookAround();
    const isRising = close >= open;
    this.#leg(isRising ? low : high, startAt, startAt + third);
    this.#leg(isRising ? high : low, startAt + third, startAt + 2 * third);
    this.#leg(close, startAt + 2 * third, startAt + bars.intervalMs);
    // What the next bar trades is not known before it opens.
    this.#matching.liquidityLots = NEVER;
  }

  /** Moves the price from where it is to `target`, stopping at every order, watched price and due time on the way. */
  #leg(target: number, startAt: number, endAt: number): void {
    const from = this.#matching.priceTicks;
    const isDown = target <= from;
    while (!this.#isFinished) {
      this.#guard();
      if (this.#nextDueAt <= this.#now) {
        this.#runDue();
        continue;
      }
      const at = this.#matching.priceTicks;
      const isDueOnLeg = this.#nextDueAt < endAt;
      const dueStop = isDueOnLeg ? between(at, target, Math.round(from + ((target - from) * (this.#nextDueAt - startAt)) / (endAt - startAt))) : target;
      const watched = isDown ? this.#engine.state.watchBelowTicks + this.#half : (this.#engine.state.watchAboveTicks ?? NEVER) - this.#half;
      const isWatchFirst = isDown ? watched < at && watched >= dueStop : watched > at && watched <= dueStop;
      if (this.#matching.advance(isWatchFirst ? watched : dueStop)) {
        this.#passTime(from, target, startAt, endAt);
        this.#deliver();
        continue;
      }
      if (isWatchFirst) {
        this.#passTime(from, target, startAt, endAt);
        this.#syncQuote();
        this.#deliver();
      } else if (isDueOnLeg) {
        this.#now = Math.max(this.#now, this.#nextDueAt);
      } else {
        break;
      }
    }
    this.#now = Math.max(this.#now, Math.floor(endAt));
    if (!this.#isFinished) this.#lookAround();
  }

  /** At a turn of the path: whoever watches this price, or every price, is told. */
  #lookAround(): void {
    if (!this.#engine.wantsQuote(this.#matching.bidTicks, this.#matching.askTicks)) return;
    this.#syncQuote();
    this.#deliver();
  }

  #passTime(from: number, target: number, startAt: number, endAt: number): void {
    const share = target === from ? 1 : (this.#matching.priceTicks - from) / (target - from);
    this.#now = Math.max(this.#now, Math.floor(startAt + (endAt - startAt) * share));
  }

  /** A request reaches the venue, or a timer fires. */
  #runDue(): void {
    const request = this.#requests[0];
    if (request !== undefined && request.dueAt <= this.#now) {
      this.#requests.shift();
      this.#carryOut(request.command);
    } else {
      for (const [name, at] of this.#timers) {
        if (at > this.#now) continue;
        this.#timers.delete(name);
        this.#syncQuote();
        this.#step({ type: 'timerFired', at: this.#now, name });
        break;
      }
    }
    this.#setNextDue();
    this.#deliver();
  }

  #closeBar(index: number): void {
    const { bars } = this.#parts;
    const bar = this.#bar;
    bar.at = (bars.startAt[index] ?? 0) + bars.intervalMs;
    bar.openTicks = bars.openTicks[index] ?? 0;
    bar.highTicks = bars.highTicks[index] ?? 0;
    bar.lowTicks = bars.lowTicks[index] ?? 0;
    bar.closeTicks = bars.closeTicks[index] ?? 0;
    bar.volumeLots = bars.volumeLots[index] ?? 0;
    this.#now = Math.max(this.#now, bar.at);
    this.#actions = 0;
    this.#syncQuote();
    this.#step(bar);
    this.#deliver();
  }

  /** Tells the engine what the venue has reported until nothing is left, its own answers included. */
  #deliver(): void {
    for (let reports = this.#matching.takeReports(); reports.length > 0; reports = this.#matching.takeReports()) {
      for (const report of reports) {
        const event = eventOf(report, this.#now);
        if (event === null) continue;
        this.#guard();
        if (event.type === 'orderFilled') this.#countFill(event.fill);
        this.#syncQuote();
        this.#step(event);
      }
    }
  }

  #countFill(fill: Fill): void {
    this.#accountTo(this.#index);
    this.otherFeeAtoms += fill.otherFeeAtoms;
  }

  /** The price goes before whatever is decided on it. */
  #syncQuote(): void {
    const { bidTicks, askTicks } = this.#matching;
    const { state } = this.#engine;
    if (state.bidTicks === bidTicks && state.askTicks === askTicks) return;
    const quote = this.#quote;
    quote.at = this.#now;
    quote.bidTicks = bidTicks;
    quote.askTicks = askTicks;
    this.#step(quote);
  }

  #step(event: Event): void {
    const commands = this.#engine.step(event);
    this.#parts.onStep(event, commands);
    for (const command of commands) this.#take(command);
  }

  #take(command: Command): void {
    switch (command.type) {
      case 'submitOrder':
      case 'cancelOrder':
        return this.#send(command);
      case 'setTimer':
        this.#timers.set(command.name, command.at);
        return this.#setNextDue();
      case 'clearTimer':
        this.#timers.delete(command.name);
        return this.#setNextDue();
      case 'finishRun':
        this.#isFinished = true;
        this.finishReason = command.reason;
        return;
      default:
        return;
    }
  }

  #send(command: PendingRequest['command']): void {
    const latencyMs = this.#parts.latency(command.type === 'submitOrder' ? 'place' : 'cancel');
    if (latencyMs <= 0) return this.#carryOut(command);
    const dueAt = this.#now + latencyMs;
    let index = this.#requests.length;
    while (index > 0 && (this.#requests[index - 1]?.dueAt ?? 0) > dueAt) index -= 1;
    this.#requests.splice(index, 0, { dueAt, command });
    this.#setNextDue();
  }

  #carryOut(command: PendingRequest['command']): void {
    if (command.type === 'submitOrder') this.#matching.submit(command.order, command.order.clientOrderId);
    else this.#matching.cancel(command.clientOrderId);
  }

  #setNextDue(): void {
    this.#nextDueAt = this.#requests[0]?.dueAt ?? NEVER;
    for (const at of this.#timers.values()) if (at < this.#nextDueAt) this.#nextDueAt = at;
  }

  /** A strategy that answers every answer at once would never let the bar end. */
  #guard(): void {
    this.#actions += 1;
    if (this.#actions > MAX_ACTIONS_PER_BAR)
      throw new Error(`strategy ${this.#engine.setup.strategy.name} acted more than ${MAX_ACTIONS_PER_BAR} times within one bar`);
  }
}

/** `value`, but neither before `from` nor past `to` on the way from one to the other. */
function between(from: number, to: number, value: number): number {
  return from <= to ? Math.min(to, Math.max(from, value)) : Math.max(to, Math.min(from, value));
}

function eventOf(report: Report, at: number): Event | null {
  const { clientOrderId } = report.order;
  switch (report.type) {
    case 'accepted':
      return { type: 'orderAccepted', at, clientOrderId, venueOrderId: `s${report.order.arrival}` };
    case 'rejected':
      return { type: 'orderRejected', at, clientOrderId, code: report.reason, message: 'refused by the simulated venue' };
    case 'filled':
      return { type: 'orderFilled', at, clientOrderId, fill: report.fill };
    case 'cancelled':
      return { type: 'orderCancelled', at, clientOrderId };
    case 'expired':
      return { type: 'orderExpired', at, clientOrderId };
    case 'triggered':
      return null;
  }
}
