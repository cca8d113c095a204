/**
 * The paper venue's exchange: the simulated exchange of core, fed with public prices, one for all paper accounts of this
 * process. It remembers nothing by itself: an account starts from our books, which are the truth, when the first session
 * uses it, and is forgotten with the last. An owner of orders (a bot, or a steward) has the account to itself, with its own
 * orders alone, so that owners may live in different processes; what bots may spend of it the store has promised them.
 */

import { PortError } from '#core/errors.ts';
import { proportionalSlippage } from '#core/matching/models.ts';
import { Decimal, plain } from '#core/money.ts';
import type { PositionRecord } from '#core/perpetual-ports.ts';
import type { Clock, Log } from '#core/ports.ts';
import { SimulatedExchange, type SimulatedFill, type SimulatedOrder } from '#core/simulated-exchange.ts';
import type { AccountBooks, Balance, SessionHandlers, VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { type Bound, boundBy, heldBy, isOf, keyOf, type PaperAccount, PaperBooks, positionsOf, type RestingOrder } from './_paper-books.ts';
import type { PaperMarket } from './_paper-market.ts';

/** Milliseconds until what happened is pushed to whoever listens. */
export const PUSH_MS = 5;
/** A price older than this is not traded at: it is asked for anew. */
const STALE_MS = 10_000;
/** Market orders pay this share beyond the quoted price, as the size behind a quote is not known. */
const SLIPPAGE = 0.0001;

export interface PaperExchangeOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly books: AccountBooks;
  readonly market: PaperMarket;
  /** Put before order and trade ids, so that they stay unique over restarts. */
  readonly idPrefix: string;
}

/** The funding rate of a watched perpetual is asked for this often. */
const FUNDING_MS = 60_000;

interface Account {
  readonly listeners: Set<SessionHandlers>;
  /** What is bound by orders that rest here under the name of their owner. */
  readonly setAside: Bound[];
  sessions: number;
  opened: Promise<void> | null;
}

export class PaperExchange {
  readonly exchange: SimulatedExchange;
  readonly #options: PaperExchangeOptions;
  readonly #accounts = new Map<string, Account>();
  readonly #books: PaperBooks;
  readonly #feeds = new Map<string, { readonly unwatch: () => void; quotedAt: number; fundingAt: number }>();

  constructor(options: PaperExchangeOptions) {
    this.#options = options;
    this.#books = new PaperBooks(options.books);
    this.exchange = new SimulatedExchange({
      instruments: [],
      fillRule: 'through',
      slippage: proportionalSlippage(SLIPPAGE),
      clientIdScope: 'ever',
      idPrefix: options.idPrefix,
    });
  }

  get isInUse(): boolean {
    return this.#accounts.size > 0;
  }

  /** A session begins to use an account. */
  enter(account: PaperAccount): void {
    const key = keyOf(account);
    const known = this.#accounts.get(key) ?? { listeners: new Set(), setAside: [], sessions: 0, opened: null };
    known.sessions += 1;
    this.#accounts.set(key, known);
  }

  /** A session has done with an account; the last one takes it out of memory. */
  leave(account: PaperAccount): void {
    const key = keyOf(account);
    const known = this.#accounts.get(key);
    if (known === undefined) return;
    known.sessions -= 1;
    if (known.sessions > 0) return;
    this.#accounts.delete(key);
    this.exchange.forgetAccount(key);
  }

  /** Brings an account back from our books on its first use. */
  async open(account: PaperAccount): Promise<void> {
    const known = this.#accounts.get(keyOf(account));
    if (known === undefined) throw closed();
    if (known.opened === null) {
      const opening = this.#restore(account);
      known.opened = opening;
      // Books that could not be read are read again by the next call.
      opening.catch(() => {
        if (known.opened === opening) known.opened = null;
      });
    }
    await known.opened;
  }

  /** Brings what an owner may spend in line with the books: others on the account have traded and ordered since. */
  async refresh(account: PaperAccount): Promise<void> {
    const key = keyOf(account);
    const { clock } = this.#options;
    const { flows, resting } = await this.#books.read(account.accountId);
    const held = heldBy(account, flows, resting);
    if (!this.#accounts.has(key)) throw closed();
    const present = new Map(this.exchange.balances(key).map(({ asset, free, locked }) => [asset, { free, total: new Decimal(free).plus(locked) }]));
    for (const [asset, total] of held) {
      const missing = total.minus(present.get(asset)?.total ?? 0);
      const least = new Decimal(present.get(asset)?.free ?? 0).negated();
      if (!missing.isZero()) this.exchange.deposit(key, asset, plain(Decimal.max(missing, least)), clock.now());
    }
  }

  balances(key: string): readonly Balance[] {
    const setAside = this.#accounts.get(key)?.setAside ?? [];
    const lockedOf = (asset: string): Decimal => setAside.reduce((sum, bound) => (bound.asset === asset ? sum.plus(bound.amount) : sum), new Decimal(0));
    return this.exchange
      .balances(key)
      .map(({ asset, free, locked }) => ({ asset, free, locked: plain(lockedOf(asset).plus(locked)) }))
      .filter(({ free, locked }) => free !== '0' || locked !== '0');
  }

  /** Pushes an account's orders and fills until the returned function is called; the account must be open. */
  subscribe(key: string, handlers: SessionHandlers): () => void {
    const listeners = this.#accounts.get(key)?.listeners;
    listeners?.add(handlers);
    return () => listeners?.delete(handlers);
  }

  /** Opens the market of a symbol with a fresh price; `false` when it is not traded. Throws PortError when no price is to be had. */
  async openMarket(symbol: string): Promise<boolean> {
    const { market, clock } = this.#options;
    if (this.exchange.scale(symbol) === undefined) {
      const instrument = await market.instrument(symbol);
      if (instrument === undefined || instrument.status === 'halted') return false;
      this.exchange.list(instrument);
    }
    const feed = this.#feeds.get(symbol) ?? this.#feed(symbol);
    if (clock.now() - feed.quotedAt > STALE_MS) {
      const { bid, ask } = await market.quote(symbol);
      this.#setQuote(symbol, bid, ask);
    }
    return true;
  }

  /** Passes on what the exchange has done since the last call, soon and never within it. */
  pump(): void {
    const events = this.exchange.takeEvents();
    if (events.length === 0) return;
    this.#options.clock.after(PUSH_MS, () => {
      for (const event of events) {
        if (event.type !== 'order' && event.type !== 'fill') continue;
        const listeners = this.#accounts.get(event.order.account)?.listeners ?? [];
        for (const listener of [...listeners]) {
          if (event.type === 'fill') listener.onFill(this.fillOf(event.fill));
          listener.onOrder(this.orderOf(event.order));
        }
      }
    });
  }

  orderOf(order: SimulatedOrder): VenueOrder {
    const scale = this.#scale(order.symbol);
    const { side, priceTicks, sizeLots } = order.request;
    return {
      clientOrderId: order.clientOrderId,
      venueOrderId: order.venueOrderId,
      symbol: order.symbol,
      side,
      status: order.status === 'partiallyFilled' ? 'open' : order.status,
      price: priceTicks === 0 ? null : scale.price(priceTicks),
      size: scale.size(sizeLots),
      filledSize: scale.size(order.filledLots),
      updatedAt: order.updatedAt,
    };
  }

  fillOf(fill: SimulatedFill): VenueFill {
    const scale = this.#scale(fill.symbol);
    const { tradeId, venueOrderId, clientOrderId, symbol, side, feeAsset, feeAmount, isMaker, at } = fill;
    return {
      tradeId,
      venueOrderId,
      clientOrderId,
      symbol,
      side,
      price: scale.price(fill.priceTicks),
      size: scale.size(fill.sizeLots),
      feeAsset,
      feeAmount,
      isMaker,
      at,
      ...(fill.isLiquidation ? { isLiquidation: true } : {}),
    };
  }

  close(): void {
    for (const { unwatch } of this.#feeds.values()) unwatch();
    this.#feeds.clear();
    for (const { listeners } of this.#accounts.values()) listeners.clear();
  }

  #restorePosition(key: string, { symbol, size, entryValue, leverage, marginMode }: PositionRecord): void {
    const { clock, log } = this.#options;
    const scale = this.exchange.scale(symbol);
    if (scale === undefined) {
      log.error({ account: key, symbol, size }, 'a position of our books is in an instrument that is not traded any more; the paper account starts without it');
      return;
    }
    const lots = scale.lots(size, 'nearest');
    const entryTicks = lots === 0 ? 0 : scale.atoms(entryValue, 'nearest') / lots;
    const terms = { ...(leverage === null ? {} : { leverage }), ...(marginMode === null ? {} : { marginMode }) };
    this.exchange.perpetuals.restore(key, symbol, { lots, entryTicks, ...terms }, clock.now());
  }

  #scale(symbol: string): NonNullable<ReturnType<SimulatedExchange['scale']>> {
    const scale = this.exchange.scale(symbol);
    if (scale === undefined) throw new Error(`the paper venue has an order in ${symbol}, which it never listed`);
    return scale;
  }

  #feed(symbol: string): { readonly unwatch: () => void; quotedAt: number } {
    const unwatch = this.#options.market.watchQuotes(symbol, ({ bid, ask }) => this.#setQuote(symbol, bid, ask));
    const feed = { unwatch, quotedAt: Number.NEGATIVE_INFINITY, fundingAt: Number.NEGATIVE_INFINITY };
    this.#feeds.set(symbol, feed);
    return feed;
  }

  #setQuote(symbol: string, bid: string, ask: string): void {
    const scale = this.#scale(symbol);
    const at = this.#options.clock.now();
    const [bidTicks, askTicks] = [scale.ticks(bid, 'down'), scale.ticks(ask, 'up')];
    if (bidTicks <= 0 || askTicks < bidTicks) return;
    const feed = this.#feeds.get(symbol);
    if (feed !== undefined) feed.quotedAt = at;
    if (feed !== undefined && scale.isPerpetual && at - feed.fundingAt > FUNDING_MS) {
      feed.fundingAt = at;
      void this.#askFunding(symbol);
    }
    this.exchange.setQuote(symbol, bidTicks, askTicks, at);
    this.pump();
  }

  /** The rate in force until the next settlement, which comes with the first price after its time. */
  async #askFunding(symbol: string): Promise<void> {
    const { market, log } = this.#options;
    try {
      const { rate } = await market.perpetual.fundingRate(symbol);
      this.exchange.perpetuals.setFundingRate(symbol, rate);
    } catch (error) {
      log.warn({ symbol, err: error }, 'no funding rate was to be had; the last one holds');
    }
  }

  async #restore(account: PaperAccount): Promise<void> {
    const { clock, log, market } = this.#options;
    const { accountId } = account;
    const key = keyOf(account);
    const { flows, resting, positions } = await this.#books.read(accountId);
    const orders = resting.filter((order) => isOf(account, order));
    const owned = positionsOf(account, positions);
    const held = heldBy(account, flows, resting);
    const symbols = new Set([...orders, ...owned].map(({ symbol }) => symbol));
    const instruments = new Map(await Promise.all([...symbols].map(async (symbol) => [symbol, await market.instrument(symbol)] as const)));
    const known = this.#accounts.get(key);
    if (known === undefined) throw closed();
    // Nothing is awaited from here on: an account is brought back whole or not at all.
    for (const [asset, amount] of held) {
      if (amount.isNegative())
        log.error({ accountId, asset, amount: plain(amount) }, 'the books show less than nothing of an asset; the paper account starts without it');
      else if (!amount.isZero()) this.exchange.deposit(key, asset, plain(amount), clock.now());
    }
    for (const instrument of instruments.values()) if (instrument !== undefined) this.exchange.list(instrument);
    for (const position of owned) this.#restorePosition(key, position);
    for (const order of orders) {
      const answer = this.exchange.restore(key, order, clock.now());
      if (!answer.ok && answer.reason === 'duplicateClientOrderId' && account.owner === null) this.#setAside(known, key, order);
      else if (!answer.ok)
        log.warn(
          { accountId, clientOrderId: order.clientOrderId, reason: answer.reason },
          'a resting order of our books cannot be put back at the paper venue',
        );
    }
    for (const [symbol, instrument] of instruments) if (instrument !== undefined && !this.#feeds.has(symbol)) this.#feed(symbol);
    this.exchange.takeEvents();
  }

  /** Holds back what an order binds that rests here under its owner's name already. */
  #setAside(known: Account, key: string, order: RestingOrder): void {
    const bound = boundBy(order);
    if (bound !== null && this.exchange.deposit(key, bound.asset, plain(bound.amount.negated()), this.#options.clock.now())) known.setAside.push(bound);
  }
}

function closed(): PortError {
  return new PortError('venue_unavailable', 'the session is closed', { outcome: 'failed' });
}
