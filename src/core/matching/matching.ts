/**
 * The matching engine of one instrument: what a venue does with orders, for backtests, the paper venue and the test
 * simulators. Orders of all accounts trade with each other in price-time priority and with the outside market: a price
 * on a path ({@link Matching.advance}) or quotes ({@link Matching.quote}). One execution at a time, so that its driver can react. `Request` is
 * what its orders are placed with and come back with in its reports.
 */
import { append, emptied, OrderIndex, type OrderLookup } from '../engine/order-index.ts';
import type { OrderRequest, Side } from '../order.ts';
import type { Fill } from '../position.ts';
import { BookSide, type RestingOrder, restingOrder } from './book.ts';
import type { MatchingModels } from './models.ts';
import { hasLimit, isBetter, isImmediate, isStop, reaches } from './order-kinds.ts';
import type { OrderQueue } from './queue.ts';
import type { MatchingRefusal, Report } from './reports.ts';
import { PLAIN_PREFIX, RunningIds } from './running-ids.ts';

export class Matching<Request extends OrderRequest = OrderRequest> {
  bidTicks = 0;
  askTicks = 0;
  /** Size the outside market still trades with at its present prices, in lots. */
  liquidityLots = Number.POSITIVE_INFINITY;
  readonly #models: MatchingModels;
  readonly #through: 0 | 1;
  readonly #half: number;
  readonly #tradeIds: RunningIds;
  readonly #bids = new BookSide<Request>('highFirst', 'priceTicks');
  readonly #asks = new BookSide<Request>('lowFirst', 'priceTicks');
  readonly #sellStops = new BookSide<Request>('highFirst', 'triggerTicks');
  readonly #buyStops = new BookSide<Request>('lowFirst', 'triggerTicks');
  readonly #sides = [this.#bids, this.#asks, this.#buyStops, this.#sellStops];
  readonly #live = new OrderIndex<RestingOrder<Request>>();
  #priceTicks = 0;
  #arrivals = 0;
  #reports: Report<Request>[] = [];
  #takenReports: Report<Request>[] = [];

  /** Trade ids are `tradePrefix` and a running number. */
  constructor(models: MatchingModels, tradePrefix = PLAIN_PREFIX) {
    this.#models = models;
    this.#through = models.fillRule === 'touch' ? 0 : 1;
    this.#half = models.halfSpreadTicks;
    this.#tradeIds = new RunningIds(tradePrefix);
  }

  get priceTicks(): number {
    return this.#priceTicks;
  }

  get orders(): OrderLookup<RestingOrder<Request>> {
    return this.#live;
  }

  /** Reports since the last call; empty when nothing happened. Two lists take turns: the one given out holds until the next call. */
  takeReports(): readonly Report<Request>[] {
    if (this.#reports.length === 0) return NOTHING;
    const reports = this.#reports;
    this.#reports = emptied(this.#takenReports);
    this.#takenReports = reports;
    return reports;
  }

  /** The highest price at or below which something happens on the way down; -Infinity when nothing waits there. */
  get nextDownTicks(): number {
    const bid = this.#bids.best;
    const stop = this.#sellStops.best;
    const bidAt = bid === undefined || this.liquidityLots <= 0 ? Number.NEGATIVE_INFINITY : bid.priceTicks - this.#half - this.#through;
    const stopAt = stop === undefined ? Number.NEGATIVE_INFINITY : stop.triggerTicks + this.#half;
    return bidAt > stopAt ? bidAt : stopAt;
  }

  /** The lowest price at or above which something happens on the way up; Infinity when nothing waits there. */
  get nextUpTicks(): number {
    const ask = this.#asks.best;
    const stop = this.#buyStops.best;
    const askAt = ask === undefined || this.liquidityLots <= 0 ? Number.POSITIVE_INFINITY : ask.priceTicks + this.#half + this.#through;
    const stopAt = stop === undefined ? Number.POSITIVE_INFINITY : stop.triggerTicks - this.#half;
    return askAt < stopAt ? askAt : stopAt;
  }

  /** Sets the price where it is known that nothing waits in between. */
  jump(priceTicks: number): void {
    this.#priceTicks = priceTicks;
    this.bidTicks = priceTicks - this.#half;
    this.askTicks = priceTicks + this.#half;
  }

  /** Moves the price towards `targetTicks` until one order trades or triggers; `false` when the target is reached. */
  advance(targetTicks: number): boolean {
    const isDown = targetTicks <= this.#priceTicks;
    const waiting = isDown ? this.nextDownTicks : this.nextUpTicks;
    if (isDown ? waiting < targetTicks : waiting > targetTicks) {
      this.jump(targetTicks);
      return false;
    }
    this.jump(isDown ? Math.min(this.#priceTicks, waiting) : Math.max(this.#priceTicks, waiting));
    const isProgress = isDown ? this.#stepDown() : this.#stepUp();
    if (!isProgress) this.jump(targetTicks);
    return isProgress;
  }

  /** Sets the outside market to a quote and its size; then {@link settle} until `false`. */
  quote(bidTicks: number, askTicks: number, liquidityLots = Number.POSITIVE_INFINITY): void {
    this.bidTicks = bidTicks;
    this.askTicks = askTicks;
    this.#priceTicks = Math.floor((bidTicks + askTicks) / 2);
    this.liquidityLots = liquidityLots;
  }

  /** Executes one resting order that the present quote reaches; `false` when none is left or no quote is known. */
  settle(): boolean {
    return this.bidTicks > 0 && this.askTicks > 0 && (this.#stepDown() || this.#stepUp());
  }

  /** Others trade at the present price: orders that stand exactly there trade with them once what stood ahead has; `false` when none did. */
  print(lots: number, queue: OrderQueue): boolean {
    const before = this.liquidityLots;
    let left = lots;
    for (const side of [this.#bids, this.#asks]) {
      const ticks = side === this.#bids ? this.askTicks : this.bidTicks;
      for (const order of [...side]) {
        if (order.priceTicks !== ticks) break;
        this.liquidityLots = Math.min(left, before, queue.pass(order, lots));
        if (this.liquidityLots <= 0) continue;
        left -= this.liquidityLots;
        this.#fillResting(side, order);
        left += this.liquidityLots;
      }
    }
    this.liquidityLots = before - (lots - left);
    return left < lots;
  }

  submit(request: Request, clientOrderId: string, account = ''): RestingOrder<Request> {
    this.#arrivals += 1;
    const order = restingOrder(request, clientOrderId, account, this.#arrivals, request.sizeLots);
    const refusal = this.#refusal(order);
    if (refusal !== null) {
      this.#reports.push({ type: 'rejected', order, reason: refusal });
      return order;
    }
    append(this.#reports, { type: 'accepted', order });
    if (isStop(order) && !this.#isTriggered(order)) this.#rest(order, order.side === 'buy' ? this.#buyStops : this.#sellStops);
    else this.#enter(order, isStop(order));
    return order;
  }

  /** Takes an order off the book, as cancelled or as expired by the venue's own rules; `false` when it is not alive here. */
  cancel(clientOrderId: string, how: 'cancelled' | 'expired' = 'cancelled'): boolean {
    const order = this.withdraw(clientOrderId);
    if (order !== null) this.#reports.push({ type: how, order });
    return order !== null;
  }

  /** Takes an order off the book without a word; `null` when there is none. */
  withdraw(clientOrderId: string): RestingOrder<Request> | null {
    const order = this.#live.get(clientOrderId);
    if (order === undefined) return null;
    for (const side of this.#sides) if (side.remove(order)) break;
    this.#live.remove(order);
    return order;
  }

  /** Puts back an order that is known to rest, as after a restart; `remainingLots` is what is left of it. */
  restore(request: Request, clientOrderId: string, account: string, remainingLots: number): void {
    this.#arrivals += 1;
    const order = restingOrder(request, clientOrderId, account, this.#arrivals, remainingLots);
    this.#rest(order, isStop(order) ? (order.side === 'buy' ? this.#buyStops : this.#sellStops) : this.#side(order.side));
  }

  #refusal(order: RestingOrder<Request>): MatchingRefusal | null {
    if (this.#live.has(order.clientOrderId)) return 'duplicate_id';
    return order.postOnly && this.#availableLots(order) > 0 ? 'would_take' : null;
  }

  #stepDown(): boolean {
    const stop = this.#sellStops.best;
    const bid = this.#bids.best;
    const isStopReached = stop !== undefined && this.bidTicks <= stop.triggerTicks;
    const isBidReached = bid !== undefined && this.askTicks + this.#through <= bid.priceTicks && this.liquidityLots > 0;
    // Coming from above, whichever stands higher is reached first.
    if (isStopReached && !(isBidReached && bid.priceTicks - this.#half - this.#through >= stop.triggerTicks + this.#half))
      return this.#trigger(this.#sellStops);
    return isBidReached ? this.#fillResting(this.#bids, bid) : false;
  }

  #stepUp(): boolean {
    const stop = this.#buyStops.best;
    const ask = this.#asks.best;
    const isStopReached = stop !== undefined && this.askTicks >= stop.triggerTicks;
    const isAskReached = ask !== undefined && this.bidTicks - this.#through >= ask.priceTicks && this.liquidityLots > 0;
    if (isStopReached && !(isAskReached && ask.priceTicks + this.#half + this.#through <= stop.triggerTicks - this.#half)) return this.#trigger(this.#buyStops);
    return isAskReached ? this.#fillResting(this.#asks, ask) : false;
  }

  #trigger(stops: BookSide<Request>): boolean {
    const order = stops.takeBest();
    if (order === undefined) return false;
    this.#live.remove(order);
    // It joins the queue at its price now, behind those who have been waiting there.
    order.arrival = ++this.#arrivals;
    this.#enter(order, true);
    return true;
  }

  /** The outside market trades with a resting order at the order's own price. */
  #fillResting(side: BookSide<Request>, order: RestingOrder<Request>): boolean {
    const lots = Math.min(this.#wantedLots(order), this.liquidityLots);
    if (lots <= 0) return this.cancel(order.clientOrderId, 'expired');
    this.liquidityLots -= lots;
    this.#fill(order, order.priceTicks, lots, true);
    if (order.remainingLots === 0) side.remove(order);
    return true;
  }

  /** An order meets the book: it takes what it may, then rests or expires. */
  #enter(order: RestingOrder<Request>, wasTriggered: boolean): void {
    if (wasTriggered) this.#reports.push({ type: 'triggered', order });
    if (order.timeInForce !== 'fok' || this.#availableLots(order) >= order.remainingLots) this.#take(order);
    if (order.remainingLots === 0) return;
    if (isImmediate(order)) this.#reports.push({ type: 'expired', order });
    else this.#rest(order, this.#side(order.side));
  }

  /** Only what rests can be asked about or cancelled: an order that is on its way through the book is nowhere else. */
  #rest(order: RestingOrder<Request>, side: BookSide<Request>): void {
    this.#live.add(order);
    side.insert(order);
  }

  #take(order: RestingOrder<Request>): void {
    const opposite = this.#side(order.side === 'buy' ? 'sell' : 'buy');
    while (order.remainingLots > 0) {
      const wanted = this.#wantedLots(order);
      if (wanted <= 0) return;
      const outside = this.#outsideTicks(order);
      const resting = opposite.best;
      if (resting !== undefined && reaches(order, resting.priceTicks) && (outside === null || !isBetter(order.side, outside, resting.priceTicks))) {
        const lots = Math.min(wanted, this.#wantedLots(resting));
        if (lots <= 0) {
          this.cancel(resting.clientOrderId, 'expired');
          continue;
        }
        this.#fill(resting, resting.priceTicks, lots, true);
        this.#fill(order, resting.priceTicks, lots, false);
        if (resting.remainingLots === 0) opposite.remove(resting);
        continue;
      }
      if (outside === null) return;
      const lots = Math.min(wanted, this.liquidityLots);
      this.liquidityLots -= lots;
      this.#fill(order, this.#slipped(order, outside, lots), lots, false);
    }
  }

  /** What an order may still trade: all that is left of it, or less where it may only reduce. */
  #wantedLots(order: RestingOrder<Request>): number {
    if (!order.reduceOnly) return order.remainingLots;
    return Math.min(order.remainingLots, this.#models.reducible?.(order, this.#reports) ?? order.remainingLots);
  }

  /** The outside price an order may take now, or `null`. */
  #outsideTicks(order: RestingOrder<Request>): number | null {
    const ticks = order.side === 'buy' ? this.askTicks : this.bidTicks;
    return ticks > 0 && this.liquidityLots > 0 && reaches(order, ticks) ? ticks : null;
  }

  #slipped(order: RestingOrder<Request>, ticks: number, lots: number): number {
    const slippage = this.#models.slippage(order.side, lots, ticks);
    const worse = order.side === 'buy' ? ticks + slippage : Math.max(1, ticks - slippage);
    if (!hasLimit(order)) return worse;
    return order.side === 'buy' ? Math.min(worse, order.priceTicks) : Math.max(worse, order.priceTicks);
  }

  #availableLots(order: RestingOrder<Request>): number {
    let lots = this.#outsideTicks(order) === null ? 0 : this.liquidityLots;
    for (const resting of this.#side(order.side === 'buy' ? 'sell' : 'buy')) {
      if (!reaches(order, resting.priceTicks)) break;
      lots += resting.remainingLots;
    }
    return lots;
  }

  #isTriggered(order: RestingOrder<Request>): boolean {
    return order.side === 'buy' ? this.askTicks >= order.triggerTicks && this.askTicks > 0 : this.bidTicks <= order.triggerTicks && this.bidTicks > 0;
  }

  #fill(order: RestingOrder<Request>, priceTicks: number, sizeLots: number, isMaker: boolean): void {
    order.remainingLots -= sizeLots;
    const { feeGrains, feeAtoms, otherFeeAtoms } = this.#models.fee(order.side, priceTicks, sizeLots, isMaker);
    const fill: Fill = { tradeId: this.#tradeIds.next(), side: order.side, priceTicks, sizeLots, feeGrains, feeAtoms, otherFeeAtoms, isMaker };
    if (isMaker && order.remainingLots === 0) this.#live.remove(order);
    append(this.#reports, { type: 'filled', order, fill });
  }

  #side(side: Side): BookSide<Request> {
    return side === 'buy' ? this.#bids : this.#asks;
  }
}

const NOTHING: readonly never[] = [];
