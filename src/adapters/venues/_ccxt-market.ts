/**
 * Public data of a venue behind ccxt: instruments with their rules, cached for an hour, and quotes.
 */
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import type { Clock, Log, MarketData, Quote } from '#core/ports.ts';
import type { Api } from './_api.ts';
import { failureOf, readAnswer } from './_ask.ts';
import type { Ask, CcxtDialect } from './_dialect.ts';
import type { Exchange } from './_exchange.ts';
import type { Pulse } from './_pulse.ts';
import { QuoteHubs } from './_quote-hubs.ts';

const KEPT_MS = 3_600_000;
const PATIENCE_MS = 20_000;

export interface CcxtMarketOptions {
  readonly dialect: CcxtDialect;
  readonly api: Api;
  /** Makes a ccxt instance for one stream. */
  readonly open: () => Promise<Exchange>;
  readonly clock: Clock;
  readonly log: Log;
  readonly pulse?: Pulse | undefined;
}

export class CcxtMarket implements MarketData {
  readonly #options: CcxtMarketOptions;
  readonly #hubs: QuoteHubs;
  #loaded: { readonly at: number; readonly instruments: Promise<ReadonlyMap<string, Instrument>> } | null = null;
  #symbols = new Map<string, string>();

  constructor(options: CcxtMarketOptions) {
    this.#options = options;
    const { dialect, open, clock, log, pulse } = options;
    this.#hubs = new QuoteHubs({
      name: `${dialect.id} quotes`,
      clock,
      log,
      open,
      ask: (symbol) => this.quote(symbol),
      dialect: dialect.quotes,
      pulse,
    });
  }

  instruments(): Promise<ReadonlyMap<string, Instrument>> {
    const now = this.#options.clock.now();
    if (this.#loaded !== null && now - this.#loaded.at < KEPT_MS) return this.#loaded.instruments;
    const loading = this.#load();
    const loaded = { at: now, instruments: loading };
    this.#loaded = loaded;
    // A failed load is forgotten at once, so that the next caller asks again.
    loading.catch(() => {
      if (this.#loaded === loaded) this.#loaded = null;
    });
    return loading;
  }

  /** Our name of an instrument by the venue's, as far as instruments have been loaded. */
  symbolOf(marketId: string): string | null {
    return this.#symbols.get(marketId) ?? null;
  }

  async quote(symbol: string): Promise<Quote> {
    const { dialect, clock } = this.#options;
    const { bid, ask } = readAnswer(dialect, dialect.readQuote, await this.#ask(dialect.quote(symbol)));
    if (bid === '0' || ask === '0') throw new PortError('venue_unavailable', `${dialect.title} has no price for ${symbol} at present`, { outcome: 'failed' });
    return { symbol, bid, ask, at: clock.now() };
  }

  watchQuotes(symbol: string, onQuote: (quote: Quote) => void): () => void {
    return this.#hubs.watch(symbol, onQuote);
  }

  notice(): null {
    return null;
  }

  close(): Promise<void> {
    this.#hubs.close();
    this.#options.api.close();
    return Promise.resolve();
  }

  async #load(): Promise<ReadonlyMap<string, Instrument>> {
    const { dialect } = this.#options;
    const list = readAnswer(dialect, dialect.readInstruments, await this.#ask(dialect.instruments));
    this.#symbols = new Map(list.map(({ symbol }) => [dialect.marketId(symbol), symbol]));
    return new Map(list.map((instrument) => [instrument.symbol, instrument]));
  }

  async #ask(ask: Ask): Promise<unknown> {
    const answer = await this.#options.api.call({ ...ask, priority: 'market', patienceMs: PATIENCE_MS });
    if (answer.kind !== 'answered' || !this.#options.dialect.isSuccess(answer)) throw failureOf(this.#options.dialect, answer);
    return answer.body;
  }
}
