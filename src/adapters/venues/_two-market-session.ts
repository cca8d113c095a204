/**
 * One account at a venue of two markets. Its private stream of perpetuals is opened when the key has proved that it may
 * trade them: a key for spot alone never asks for it and is never the worse for it.
 */
import type { CancelAllOutcome, FeeRates } from '#core/account-calls.ts';
import { type InstrumentKind, isPerpetualSymbol } from '#core/instrument.ts';
import type { PerpetualSession } from '#core/perpetual-ports.ts';
import type { Log } from '#core/ports.ts';
import type { CoinNetworks } from '#core/signals/coin-networks.ts';
import type {
  Balance,
  CancelOutcome,
  KeyReport,
  OutboundOrder,
  PlaceOutcome,
  RequestWindow,
  SessionHandlers,
  TradingSession,
  VenueCapabilities,
  VenueFill,
  VenueOrder,
} from '#core/venue-ports.ts';
import type { CcxtSession } from './_ccxt-session.ts';

export interface TwoMarketSessionOptions {
  readonly spot: CcxtSession;
  readonly perpetual: CcxtSession;
  readonly capabilities: VenueCapabilities;
  readonly log: Log;
}

type StreamState = 'up' | 'down';

export class TwoMarketSession implements TradingSession {
  readonly perpetual: PerpetualSession;
  readonly cancelAll?: (symbol: string) => Promise<CancelAllOutcome>;
  readonly cancelAllAfter?: (ms: number) => Promise<void>;
  readonly coinNetworks?: () => Promise<readonly CoinNetworks[]>;
  readonly #options: TwoMarketSessionOptions;
  #handlers: SessionHandlers | null = null;
  #isPerpetualUsed = false;
  #isClosed = false;
  readonly #states: Record<InstrumentKind, StreamState> = { spot: 'down', perpetual: 'down' };
  #told: StreamState = 'down';
  #switchMs = 0;

  constructor(options: TwoMarketSessionOptions) {
    this.#options = options;
    this.perpetual = this.#watched(options.perpetual);
    const { coinNetworks } = options.spot;
    if (coinNetworks !== undefined) this.coinNetworks = coinNetworks;
    if (options.capabilities.cancelAll) this.cancelAll = (symbol) => this.#cancelAll(symbol);
    if (options.capabilities.deadMansSwitch !== null) this.cancelAllAfter = (ms) => this.#cancelAllAfter(ms);
  }

  async listen(handlers: SessionHandlers): Promise<void> {
    this.#handlers = handlers;
    await this.#options.spot.listen(this.#handlersOf('spot', handlers));
    if (this.#isPerpetualUsed) await this.#options.perpetual.listen(this.#handlersOf('perpetual', handlers));
  }

  clockOffsetMs(): Promise<number> {
    return this.#options.spot.clockOffsetMs();
  }

  async place(order: OutboundOrder, window: RequestWindow): Promise<PlaceOutcome> {
    const outcome = await this.#of(order.symbol).place(order, window);
    if (outcome.outcome !== 'rejected') this.#noteUse(order.symbol);
    return outcome;
  }

  cancel(clientOrderId: string, symbol: string): Promise<CancelOutcome> {
    return this.#of(symbol).cancel(clientOrderId, symbol);
  }

  findOrder(clientOrderId: string, symbol: string, placedBy?: number): Promise<VenueOrder | null> {
    return this.#read(symbol, (session) => session.findOrder(clientOrderId, symbol, placedBy));
  }

  openOrders(symbol: string): Promise<readonly VenueOrder[]> {
    return this.#read(symbol, (session) => session.openOrders(symbol));
  }

  fillsSince(symbol: string, since: number): Promise<readonly VenueFill[]> {
    return this.#read(symbol, (session) => session.fillsSince(symbol, since));
  }

  fillsOf(venueOrderId: string, symbol: string): Promise<readonly VenueFill[]> {
    return this.#read(symbol, (session) => session.fillsOf(venueOrderId, symbol));
  }

  balances(kind: InstrumentKind = 'spot'): Promise<readonly Balance[]> {
    return this.#options[kind].balances();
  }

  feeRates(symbol: string): Promise<FeeRates> {
    return this.#of(symbol).feeRates(symbol);
  }

  checkKey(): Promise<KeyReport> {
    return this.#options.spot.checkKey();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#options.spot.close(), this.#options.perpetual.close()]);
  }

  #of(symbol: string): CcxtSession {
    return isPerpetualSymbol(symbol) ? this.#options.perpetual : this.#options.spot;
  }

  async #read<Answer>(symbol: string, read: (session: CcxtSession) => Promise<Answer>): Promise<Answer> {
    const answer = await read(this.#of(symbol));
    this.#noteUse(symbol);
    return answer;
  }

  /** What the perpetual market says to an account proves its key. */
  #watched({ perpetual: calls }: CcxtSession): PerpetualSession {
    if (calls === undefined) throw new Error('a market of perpetuals that has none');
    const proved = <Answer>(answer: Answer): Answer => {
      this.#use();
      return answer;
    };
    return {
      positions: async () => {
        const held = await calls.positions();
        return held.length > 0 ? proved(held) : held;
      },
      setLeverage: async (symbol, leverage, marginMode) => proved(await calls.setLeverage(symbol, leverage, marginMode)),
      fundingSince: async (symbol, since) => proved(await calls.fundingSince(symbol, since)),
    };
  }

  #noteUse(symbol: string): void {
    if (isPerpetualSymbol(symbol)) this.#use();
  }

  #use(): void {
    if (this.#isPerpetualUsed || this.#isClosed) return;
    this.#isPerpetualUsed = true;
    const { perpetual, log } = this.#options;
    if (this.#handlers === null) return;
    perpetual.listen(this.#handlersOf('perpetual', this.#handlers)).catch((error: unknown) => log.error({ err: error }, 'perpetuals cannot be listened to'));
    if (this.#switchMs > 0)
      perpetual.cancelAllAfter?.(this.#switchMs).catch((error: unknown) => log.error({ err: error }, "the dead man's switch of perpetuals is not set"));
    this.#tell();
  }

  #handlersOf(kind: InstrumentKind, handlers: SessionHandlers): SessionHandlers {
    return {
      onOrder: (order) => handlers.onOrder(order),
      onFill: (fill) => handlers.onFill(fill),
      onStream: (state) => {
        this.#states[kind] = state;
        this.#tell();
      },
    };
  }

  /** Up only while all that are wanted are up, so that what either missed is fetched. */
  #tell(): void {
    const { spot, perpetual } = this.#states;
    const state = spot === 'up' && (perpetual === 'up' || !this.#isPerpetualUsed) ? 'up' : 'down';
    if (state === this.#told) return;
    this.#told = state;
    this.#handlers?.onStream(state);
  }

  async #cancelAll(symbol: string): Promise<CancelAllOutcome> {
    return (await this.#of(symbol).cancelAll?.(symbol)) ?? { outcome: 'unknown', code: 'not_sent', message: 'the venue has no such call' };
  }

  async #cancelAllAfter(ms: number): Promise<void> {
    const { spot, perpetual } = this.#options;
    await spot.cancelAllAfter?.(ms);
    this.#switchMs = ms;
    if (this.#isPerpetualUsed) await perpetual.cancelAllAfter?.(ms);
  }
}
