/**
 * Executions that an owner of orders need not be told of, because it has heard of them or the ledger holds them. Venues
 * list the same ones round after round; the ledger is asked once about each.
 */
import type { VenueFill } from '#core/venue-ports.ts';
import type { OrderHolder } from './order-holder.ts';

/** So many are remembered of one owner; the ledger is asked again about those before. */
export const MAX_BOOKED_TRADES = 10_000;

export class BookedTrades {
  readonly #holder: Pick<OrderHolder, 'knowsTrade'>;
  readonly #ask: (symbol: string, tradeIds: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly #booked = new Set<string>();

  /** `ask` tells which trade ids the ledger holds. */
  constructor(holder: Pick<OrderHolder, 'knowsTrade'>, ask: (symbol: string, tradeIds: readonly string[]) => Promise<ReadonlySet<string>>) {
    this.#holder = holder;
    this.#ask = ask;
  }

  /** Those of `fills`, all in `symbol`, that are news to the holder and to the ledger. */
  async news(symbol: string, fills: readonly VenueFill[]): Promise<readonly VenueFill[]> {
    const unknown = fills.filter(({ tradeId }) => !this.#booked.has(`${symbol} ${tradeId}`) && !this.#holder.knowsTrade(symbol, tradeId));
    if (unknown.length === 0) return [];
    const booked = await this.#ask(
      symbol,
      unknown.map(({ tradeId }) => tradeId),
    );
    for (const tradeId of booked) this.#remember(`${symbol} ${tradeId}`);
    return unknown.filter(({ tradeId }) => !booked.has(tradeId));
  }

  #remember(trade: string): void {
    this.#booked.add(trade);
    if (this.#booked.size <= MAX_BOOKED_TRADES) return;
    const [oldest] = this.#booked;
    if (oldest !== undefined) this.#booked.delete(oldest);
  }
}
