/**
 * The paper venue's exchange: the simulated exchange of core, fed with public prices, one for all paper accounts of this
 * process. It remembers nothing by itself: an account starts from our books, which are the truth.
 */

import { proportionalSlippage } from '#core/matching/models.ts';
import { Decimal, plain } from '#core/money.ts';
import type { PositionRecord } from '#core/perpetual-ports.ts';
import type { AccountBooks, Clock, Log, SessionHandlers, VenueFill, VenueOrder } from '#core/ports.ts';
import { SimulatedExchange, type SimulatedFill, type SimulatedOrder } from '#core/simulated-exchange.ts';
import type { PaperMarket } from './_paper-market.ts';

/** What every new paper account holds. */
export const START_BALANCES: Readonly<Record<string, string>> = { USDT: '100000', USDC: '100000' };

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
  readonly opened: Promise<void>;
}

export class PaperExchange {
  readonly exchange: SimulatedExchange;
  readonly #options: PaperExchangeOptions;
  readonly #accounts = new Map<string, Account>();
  readonly #feeds = new Map<string, { readonly unwatch: () => void; quotedAt: number; fundingAt: number }>();

  constructor(options: PaperExchangeOptions) {
    this.#options = options;
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

  /** Brings an account back from our books on its first use. */
  async open(accountId: string): Promise<void> {
    let account = this.#accounts.get(accountId);
    if (account === undefined) {
      const opening: Account = { listeners: new Set(), opened: this.#restore(accountId) };
      account = opening;
      this.#accounts.set(accountId, opening);
      // Books that could not be read are read again by the next call.
      opening.opened.catch(() => {
        if (this.#accounts.get(accountId) === opening) this.#accounts.delete(accountId);
      });
    }
    await account.opened;
  }

  /** Pushes an account's orders and fills until the returned function is called; the account must be open. */
  subscribe(accountId: string, handlers: SessionHandlers): () => void {
    const listeners = this.#accounts.get(accountId)?.listeners;
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

  #restorePosition(accountId: string, { symbol, size, entryValue, leverage, marginMode }: PositionRecord): void {
    const { clock, log } = this.#options;
    const scale = this.exchange.scale(symbol);
    if (scale === undefined) {
      log.error({ accountId, symbol, size }, 'a position of our books is in an instrument that is not traded any more; the paper account starts without it');
      return;
    }
    const lots = scale.lots(size, 'nearest');
    const held = { lots, entryTicks: scale.atoms(entryValue, 'nearest') / lots };
    const terms = { ...(leverage === null ? {} : { leverage }), ...(marginMode === null ? {} : { marginMode }) };
    this.exchange.perpetuals.restore(accountId, symbol, { ...held, ...terms }, clock.now());
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

  async #restore(accountId: string): Promise<void> {
    const { books, clock, log, market } = this.#options;
    const [flows, orders, positions] = await Promise.all([books.netFlows(accountId), books.restingOrders(accountId), books.positions(accountId)]);
    const held = new Map(Object.entries(START_BALANCES).map(([asset, amount]) => [asset, new Decimal(amount)]));
    for (const { asset, amount } of flows) held.set(asset, (held.get(asset) ?? new Decimal(0)).plus(amount));
    const symbols = new Set([...orders, ...positions].map(({ symbol }) => symbol));
    const instruments = new Map(await Promise.all([...symbols].map(async (symbol) => [symbol, await market.instrument(symbol)] as const)));
    // Nothing is awaited from here on: an account is brought back whole or not at all.
    for (const [asset, amount] of held) {
      if (amount.isNegative())
        log.error({ accountId, asset, amount: plain(amount) }, 'the books show less than nothing of an asset; the paper account starts without it');
      else if (!amount.isZero()) this.exchange.deposit(accountId, asset, plain(amount), clock.now());
    }
    for (const instrument of instruments.values()) if (instrument !== undefined) this.exchange.list(instrument);
    for (const position of positions) this.#restorePosition(accountId, position);
    for (const order of orders) {
      const answer = this.exchange.restore(accountId, order, clock.now());
      if (!answer.ok)
        log.warn(
          { accountId, clientOrderId: order.clientOrderId, reason: answer.reason },
          'a resting order of our books cannot be put back at the paper venue',
        );
    }
    for (const [symbol, instrument] of instruments) if (instrument !== undefined && !this.#feeds.has(symbol)) this.#feed(symbol);
    this.exchange.takeEvents();
  }
}
