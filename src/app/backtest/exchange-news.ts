/** What a simulated exchange has done, kept until it is told: in its own records, without a copy of anything. */
import type { Fill } from '#core/position.ts';
import type { ExchangeListener, SimulatedFunding, SimulatedOrder } from '#core/simulated-exchange.ts';

export type ExchangeNews =
  | { readonly type: 'accepted' | 'cancelled' | 'expired'; readonly order: SimulatedOrder }
  | { readonly type: 'filled'; readonly order: SimulatedOrder; readonly fill: Fill }
  | { readonly type: 'funding'; readonly funding: SimulatedFunding };

export class ExchangeMail implements ExchangeListener {
  #news: ExchangeNews[] = [];

  /** In the sequence it happened, since the last call. */
  take(): readonly ExchangeNews[] {
    if (this.#news.length === 0) return NOTHING;
    const news = this.#news;
    this.#news = [];
    return news;
  }

  order(order: SimulatedOrder, cause: 'accepted' | 'triggered' | 'cancelled' | 'expired'): void {
    if (cause !== 'triggered') this.#news.push({ type: cause, order });
  }

  fill(order: SimulatedOrder, tradeId: string, { side, priceTicks, sizeLots, feeGrains, feeAtoms, otherFeeAtoms, isMaker }: Fill): void {
    this.#news.push({ type: 'filled', order, fill: { tradeId, side, priceTicks, sizeLots, feeGrains, feeAtoms, otherFeeAtoms, isMaker } });
  }

  funding(funding: SimulatedFunding): void {
    this.#news.push({ type: 'funding', funding });
  }

  position(): void {
    // How it stands follows from its fills.
  }

  balances(): void {
    // What is held follows from the books of the run.
  }
}

const NOTHING: readonly ExchangeNews[] = [];
