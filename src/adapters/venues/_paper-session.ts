/**
 * One paper account as a trading session: the same outcomes, events and delays as a real venue, from the exchange in
 * this process.
 */

import type { CancelAllOutcome, FeeRates } from '#core/account-calls.ts';
import { PortError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import type { Refusal } from '#core/simulated-exchange.ts';
import type {
  Balance,
  CancelOutcome,
  KeyReport,
  OutboundOrder,
  PlaceOutcome,
  RequestWindow,
  SessionHandlers,
  TradingSession,
  VenueFill,
  VenueOrder,
} from '#core/venue-ports.ts';
import { keyOf, type PaperAccount } from './_paper-books.ts';
import type { PaperExchange } from './_paper-exchange.ts';
import { PAPER_FEES } from './_paper-market.ts';
import { PaperPerpetuals } from './_paper-perpetuals.ts';

/** Milliseconds a request takes to reach the exchange. */
export const LATENCY_MS = 10;

/** Why the paper venue refuses, in its own codes. */
const REFUSALS: Readonly<Record<Refusal, readonly [code: string, message: string]>> = {
  unknownSymbol: ['unknown_symbol', 'this symbol is not traded here'],
  marketHalted: ['market_halted', 'trading in this symbol is halted'],
  notAllowed: ['not_allowed', 'this combination of order type, time in force and post-only makes no sense'],
  priceFilter: ['price_filter', 'the price is missing, out of range or not a whole number of price increments'],
  lotSize: ['lot_size', 'the size is missing, out of range or not a whole number of size increments'],
  minNotional: ['min_notional', 'the order is worth less than the minimum'],
  maxNotional: ['max_notional', 'the order is worth more than the maximum'],
  duplicateClientOrderId: ['duplicate_client_order_id', 'an order with this client order id exists'],
  tooManyOrders: ['too_many_orders', 'the account has too many open orders in this symbol'],
  insufficientBalance: ['insufficient_balance', 'the account does not hold enough'],
  wouldTake: ['would_take', 'a post-only order would trade at once'],
  wouldTrigger: ['would_trigger', 'the price has passed the trigger already'],
  reduceOnly: ['reduce_only', 'there is no position that a reduce-only order of this size could lessen'],
  leverage: ['leverage', 'the instrument does not have this leverage'],
  marginModeInUse: ['margin_mode_in_use', 'the margin mode cannot change while a position or orders stand'],
  unknownOrder: ['unknown_order', 'there is no such order'],
};

export interface PaperSessionOptions {
  readonly account: PaperAccount;
  readonly paper: PaperExchange;
  readonly clock: Clock;
}

export class PaperSession implements TradingSession {
  readonly perpetual: PaperPerpetuals;
  readonly #options: PaperSessionOptions;
  readonly #key: string;
  #unsubscribe: (() => void) | null = null;
  #isEntered = false;
  #isClosed = false;

  constructor(options: PaperSessionOptions) {
    this.#options = options;
    this.#key = keyOf(options.account);
    this.perpetual = new PaperPerpetuals({ ...options, key: this.#key, arrive: () => this.#arrive() });
  }

  async listen(handlers: SessionHandlers): Promise<void> {
    if (this.#unsubscribe !== null) throw new Error('this session listens already');
    const { paper, clock } = this.#options;
    await this.#open();
    this.#unsubscribe = paper.subscribe(this.#key, handlers);
    clock.after(0, () => {
      if (!this.#isClosed) handlers.onStream('up');
    });
  }

  clockOffsetMs(): Promise<number> {
    return Promise.resolve(0);
  }

  async place(order: OutboundOrder, window: RequestWindow): Promise<PlaceOutcome> {
    const { paper, account, clock } = this.#options;
    try {
      await this.#arrive();
      if (account.owner?.startsWith('account:') === true) await paper.refresh(account);
      if (!(await paper.openMarket(order.symbol))) return refused('unknownSymbol');
    } catch (error) {
      // Nothing has reached the exchange yet, so this is certain.
      return { outcome: 'rejected', code: 'not_sent', message: error instanceof Error ? error.message : 'not sent' };
    }
    window.onSent?.();
    if (clock.now() > window.timestampMs + window.windowMs) return { outcome: 'rejected', code: 'late', message: 'the request arrived after its window' };
    const answer = paper.exchange.place(this.#key, order, clock.now());
    paper.pump();
    return answer.ok ? { outcome: 'accepted', venueOrderId: answer.order.venueOrderId } : refused(answer.reason);
  }

  async cancel(clientOrderId: string, symbol: string): Promise<CancelOutcome> {
    const { paper, clock } = this.#options;
    try {
      await this.#arrive();
    } catch (error) {
      return { outcome: 'unknown', code: 'not_sent', message: error instanceof Error ? error.message : 'not sent' };
    }
    const answer = paper.exchange.cancel(this.#key, symbol, { clientOrderId }, clock.now());
    paper.pump();
    return { outcome: answer.ok ? 'done' : 'notOpen' };
  }

  async findOrder(clientOrderId: string, symbol: string): Promise<VenueOrder | null> {
    const { paper } = this.#options;
    await this.#arrive();
    const found = paper.exchange.find(this.#key, symbol, { clientOrderId });
    return found === null ? null : paper.orderOf(found);
  }

  async openOrders(symbol: string): Promise<readonly VenueOrder[]> {
    const { paper } = this.#options;
    await this.#arrive();
    return paper.exchange.openOrders(this.#key, symbol).map((order) => paper.orderOf(order));
  }

  async fillsSince(symbol: string, since: number): Promise<readonly VenueFill[]> {
    const { paper } = this.#options;
    await this.#arrive();
    return paper.exchange.fillsSince(this.#key, symbol, since).map((fill) => paper.fillOf(fill));
  }

  async fillsOf(venueOrderId: string, symbol: string): Promise<readonly VenueFill[]> {
    return (await this.fillsSince(symbol, 0)).filter((fill) => fill.venueOrderId === venueOrderId);
  }

  async balances(): Promise<readonly Balance[]> {
    const { paper } = this.#options;
    await this.#arrive();
    return paper.balances(this.#key);
  }

  async feeRates(symbol: string): Promise<FeeRates> {
    return PAPER_FEES[symbol.includes(':') ? 'perpetual' : 'spot'];
  }

  /** A field like the same of other sessions, where it may be absent. */
  readonly cancelAll = async (symbol: string): Promise<CancelAllOutcome> => {
    try {
      for (const { clientOrderId } of await this.openOrders(symbol)) await this.cancel(clientOrderId, symbol);
      return { outcome: 'done' };
    } catch (error) {
      return { outcome: 'unknown', code: 'not_sent', message: error instanceof Error ? error.message : 'not sent' };
    }
  };

  checkKey(): Promise<KeyReport> {
    return Promise.resolve({ canTrade: true, canWithdraw: false, isIpRestricted: null });
  }

  close(): Promise<void> {
    if (this.#isEntered && !this.#isClosed) this.#options.paper.leave(this.#options.account);
    this.#isClosed = true;
    this.#unsubscribe?.();
    return Promise.resolve();
  }

  /** The way to the exchange, and the account's coming back from the books on the first call. */
  async #arrive(): Promise<void> {
    const { clock } = this.#options;
    if (this.#isClosed) throw new PortError('venue_unavailable', 'the session is closed', { outcome: 'failed' });
    await this.#open();
    await new Promise<void>((resolve) => clock.after(LATENCY_MS, resolve));
  }

  async #open(): Promise<void> {
    const { paper, account } = this.#options;
    if (!this.#isEntered) paper.enter(account);
    this.#isEntered = true;
    await paper.open(account);
  }
}

/** A repeated id is evidence that an order exists, not a refusal of the intent: whoever asks has to look. */
function refused(reason: Refusal): PlaceOutcome {
  const [code, message] = REFUSALS[reason];
  return { outcome: reason === 'duplicateClientOrderId' ? 'unknown' : 'rejected', code, message };
}
