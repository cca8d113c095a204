/**
 * One account at a venue behind ccxt. Placing and cancelling are sent at most once and answer with an outcome; reads
 * throw {@link PortError}.
 */

import type { CancelAllOutcome, FeeRates } from '#core/account-calls.ts';
import type { Clock, Log } from '#core/ports.ts';
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
  VenueFill,
  VenueOrder,
} from '#core/venue-ports.ts';
import type { Api, VenueAnswer, VenueRequest } from './_api.ts';
import { failureOf, readAnswer, readAnswerOf } from './_ask.ts';
import type { Priority } from './_budget.ts';
import { cancelAll, DeadMansSwitchHand } from './_cancel-all.ts';
import type { CcxtMarket } from './_ccxt-market.ts';
import { CcxtPerpetual } from './_ccxt-perpetual.ts';
import type { CcxtDialect, PricedOrder, StreamNews } from './_dialect.ts';
import type { Exchange, Params } from './_exchange.ts';
import { KeptFeeRates } from './_fee-rates.ts';
import { UnreadableAnswer } from './_fields.ts';
import { Link, type Wire } from './_link.ts';
import { ListenKey } from './_listen-key.ts';
import type { Pulse } from './_pulse.ts';
import type { Ask } from './_request.ts';
import { sendable, unsent } from './_sendable.ts';
import type { VenueTime } from './_venue-time.ts';

const READ_PATIENCE_MS = 20_000;
const CANCEL_PATIENCE_MS = 5_000;
/** An order was placed at most this long before the time by which it was. */
const PLACING_SLACK_MS = 600_000;
/** Between looks at an order whose cancel the venue took note of. */
const CONFIRMING_PAUSES_MS = [50, 150, 400, 0] as const;
/** An order that would wait longer for its turn would reach the venue late in its window. */
const PLACE_PATIENCE_MS = 2_500;

export interface CcxtSessionOptions {
  readonly dialect: CcxtDialect;
  readonly api: Api;
  readonly time: VenueTime;
  readonly market: CcxtMarket;
  readonly clock: Clock;
  readonly log: Log;
  readonly pulse?: Pulse | undefined;
  readonly onClose: () => void;
}

export class CcxtSession implements TradingSession {
  readonly #options: CcxtSessionOptions;
  /** Our names of instruments by the venue's, from the calls made here: known even while the venue's list is not. */
  readonly #symbols = new Map<string, string>();
  readonly #feeRates: KeptFeeRates;
  #link: Link | null = null;
  #listenKey: ListenKey | null = null;
  readonly cancelAll?: (symbol: string) => Promise<CancelAllOutcome>;
  readonly cancelAllAfter?: (ms: number) => Promise<void>;
  readonly #deadMansSwitch: DeadMansSwitchHand;
  readonly perpetual?: CcxtPerpetual;
  readonly coinNetworks?: () => Promise<readonly CoinNetworks[]>;

  constructor(options: CcxtSessionOptions) {
    this.#options = options;
    const { dialect, clock, market, time } = options;
    const send = (ask: Ask): Promise<VenueAnswer> => this.#sendNow(ask, 'cancel', CANCEL_PATIENCE_MS, null);
    this.#deadMansSwitch = new DeadMansSwitchHand({ dialect, send, tell: (frame) => this.#link?.send(frame) });
    this.#feeRates = new KeptFeeRates(dialect, clock, (ask, symbol) => this.#ask(ask, 'account', symbol));
    const asksOf = dialect.cancelAll;
    if (asksOf !== undefined)
      this.cancelAll = (symbol) => cancelAll({ dialect, clock, send, openOrders: (each) => this.openOrders(each) }, asksOf(symbol), symbol);
    const ask = (asked: Ask, symbol: string | null): Promise<unknown> => this.#ask(asked, 'account', symbol);
    // A change of leverage is what a run waits for before it may place anything.
    const change = (asked: Ask, symbol: string): Promise<VenueAnswer> => this.#sendNow(asked, 'place', READ_PATIENCE_MS, symbol);
    if (dialect.perpetual !== undefined) this.perpetual = new CcxtPerpetual({ dialect, calls: dialect.perpetual, ask, change, market, time, clock });
    const { coinNetworks } = dialect;
    // Behind everything that orders need.
    if (coinNetworks !== undefined) this.coinNetworks = async () => readAnswer(dialect, coinNetworks.read, await this.#ask(coinNetworks.ask, 'market', null));
    if (dialect.deadMansSwitch !== undefined) this.cancelAllAfter = (ms) => this.#deadMansSwitch.set(ms);
  }

  async listen(handlers: SessionHandlers): Promise<void> {
    if (this.#link !== null) throw new Error('this session listens already');
    const { api, dialect, clock, log, pulse } = this.#options;
    const { stream } = dialect;
    const send = (ask: Ask): Promise<VenueAnswer> => this.#sendNow(ask, 'account', READ_PATIENCE_MS, null);
    const listenKey = stream.listenKey === undefined ? null : new ListenKey({ dialect, keys: stream.listenKey, send, clock, log });
    this.#listenKey = listenKey;
    this.#link = new Link({
      name: `${dialect.id} ${dialect.perpetual === undefined ? '' : 'perpetual '}account`,
      clock,
      log,
      open: () => api.exchange(),
      url: async (exchange) => stream.url(exchange, listenKey === null ? '' : await listenKey.use()),
      probe: stream.probe,
      greet: async (wire, exchange) => {
        const offsetMs = await this.#options.time.offsetMs();
        // Names of instruments for events of orders that were placed elsewhere; its failure is no reason to stay deaf.
        this.#options.market.instruments().catch((error: unknown) => log.warn({ err: error }, 'instruments are not known yet'));
        listenKey?.keep((reason) => wire.drop(reason));
        for (const frame of stream.login(exchange, clock.now() + offsetMs)) wire.send(frame);
      },
      onFrame: (frame, wire) => this.#receive(frame, wire, handlers),
      onState: (state) => {
        this.#deadMansSwitch.onStream(state);
        handlers.onStream(state);
      },
      pulse,
    });
  }

  clockOffsetMs(): Promise<number> {
    return this.#options.time.offsetMs();
  }

  async place(order: OutboundOrder, window: RequestWindow): Promise<PlaceOutcome> {
    const { dialect, time } = this.#options;
    const priced = await sendable(dialect, this.#options.market, order);
    if ('outcome' in priced) return priced;
    const held = await this.#held(priced);
    if ('outcome' in held) return held;
    const ask = dialect.place(held);
    const { onSent } = window;
    const fixed = { ...ask, params: (exchange: Exchange) => dialect.fixed(ask.params, window, exchange), ...(onSent === undefined ? {} : { onSent }) };
    const answer = await this.#send(fixed, 'place', PLACE_PATIENCE_MS, order.symbol);
    if (answer.kind === 'unsent') return { outcome: 'rejected', code: 'not_sent', message: answer.message };
    if (answer.kind === 'lost') return { outcome: 'unknown', code: 'no_answer', message: answer.reason };
    if (dialect.isTimeRefusal(answer)) time.forget();
    return dialect.judgePlace(answer, order);
  }

  async cancel(clientOrderId: string, symbol: string): Promise<CancelOutcome> {
    const { dialect } = this.#options;
    try {
      for (const ask of dialect.cancel(clientOrderId, symbol)) {
        const outcome = await this.#cancelBy(ask, clientOrderId, symbol);
        if (outcome.outcome !== 'notOpen') return outcome;
      }
      const older = dialect.older === undefined ? undefined : (await this.openOrders(symbol)).find((order) => order.clientOrderId === clientOrderId);
      if (dialect.older === undefined || older === undefined) return { outcome: 'notOpen' };
      return await this.#cancelBy(dialect.older.cancel(older.venueOrderId, symbol), clientOrderId, symbol);
    } catch (error) {
      // The venue's clock or its open orders could not be read, so that nothing that could cancel this order was sent.
      return { outcome: 'unknown', code: 'not_sent', message: error instanceof Error ? error.message : 'not sent' };
    }
  }

  async findOrder(clientOrderId: string, symbol: string, placedBy = 0): Promise<VenueOrder | null> {
    const { dialect, time, clock } = this.#options;
    for (const ask of dialect.find(clientOrderId, symbol)) {
      const answer = await this.#sendNow(ask, 'find', READ_PATIENCE_MS, symbol);
      if (answer.kind === 'answered' && dialect.isAbsent(answer)) continue;
      if (answer.kind !== 'answered' || !dialect.isSuccess(answer)) throw failureOf(dialect, answer);
      return readAnswer(dialect, (body) => theOrder(dialect.readOrder(body, symbol), clientOrderId), answer.body);
    }
    const { older } = dialect;
    if (older === undefined || clock.now() - placedBy < older.reachMs) return null;
    const offsetMs = await time.offsetMs();
    const [from, now] = [placedBy - PLACING_SLACK_MS + offsetMs, clock.now() + offsetMs];
    return readAnswerOf(dialect, () => older.find((ask) => this.#ask(ask, 'find', symbol), clientOrderId, symbol, from, now));
  }

  openOrders(symbol: string): Promise<readonly VenueOrder[]> {
    const { dialect } = this.#options;
    return readAnswerOf(dialect, () => dialect.openOrders((ask) => this.#ask(ask, 'account', symbol), symbol));
  }

  async fillsSince(symbol: string, since: number): Promise<readonly VenueFill[]> {
    const { dialect, time, clock } = this.#options;
    const venueNow = clock.now() + (await time.offsetMs());
    return readAnswerOf(dialect, () => dialect.fillsSince((ask) => this.#ask(ask, 'account', symbol), symbol, since, venueNow));
  }

  fillsOf(venueOrderId: string, symbol: string): Promise<readonly VenueFill[]> {
    const { dialect } = this.#options;
    return readAnswerOf(dialect, () => dialect.fillsOf((ask) => this.#ask(ask, 'account', symbol), symbol, venueOrderId));
  }

  async balances(): Promise<readonly Balance[]> {
    const { dialect } = this.#options;
    return readAnswer(dialect, dialect.readBalances, await this.#ask(dialect.balances, 'account', null));
  }

  feeRates(symbol: string): Promise<FeeRates> {
    return this.#feeRates.of(symbol);
  }

  async checkKey(): Promise<KeyReport> {
    const { dialect } = this.#options;
    const bodies: unknown[] = [];
    for (const ask of dialect.keyChecks) {
      const answer = await this.#sendNow(ask, 'account', READ_PATIENCE_MS, null);
      if (answer.kind !== 'answered' || !(dialect.isSuccess(answer) || dialect.isTelling?.(answer) === true)) throw failureOf(dialect, answer);
      bodies.push(answer.body);
    }
    return readAnswer(dialect, () => dialect.readKey(bodies), null);
  }

  close(): Promise<void> {
    this.#listenKey?.close();
    this.#link?.close();
    this.#options.api.close();
    this.#options.onClose();
    return Promise.resolve();
  }

  /** An order with the margin mode of the position that it opens, where it has to name it. */
  async #held(order: OutboundOrder): Promise<PricedOrder | PlaceOutcome> {
    if (this.#options.dialect.perpetual?.ordersCarryMode !== true || this.perpetual === undefined) return order;
    try {
      const ask = (asked: Ask): Promise<unknown> => this.#ask(asked, 'place', order.symbol, PLACE_PATIENCE_MS);
      return { ...order, marginMode: await this.perpetual.marginModeOf(order.symbol, ask) };
    } catch (error) {
      return unsent(error, 'the margin mode is not known');
    }
  }

  async #cancelBy(ask: Ask, clientOrderId: string, symbol: string): Promise<CancelOutcome> {
    const answer = await this.#sendNow(ask, 'cancel', CANCEL_PATIENCE_MS, symbol);
    if (answer.kind === 'unsent') return { outcome: 'unknown', code: 'not_sent', message: answer.message };
    if (answer.kind === 'lost') return { outcome: 'unknown', code: 'no_answer', message: answer.reason };
    const judged = this.#options.dialect.judgeCancel(answer, clientOrderId);
    return judged.outcome === 'requested' ? await this.#confirmCancel(clientOrderId, symbol) : judged;
  }

  /** Looks whether a cancel that the venue only took note of has come to pass. */
  async #confirmCancel(clientOrderId: string, symbol: string): Promise<CancelOutcome> {
    for (const pauseMs of CONFIRMING_PAUSES_MS) {
      const order = await this.findOrder(clientOrderId, symbol).catch(() => null);
      if (order !== null && order.status !== 'open') return { outcome: 'done' };
      await new Promise<void>((resolve) => this.#options.clock.after(pauseMs, resolve));
    }
    return { outcome: 'unknown', code: 'cancel_pending', message: 'the venue took the cancel and still shows the order' };
  }

  #receive(frame: unknown, wire: Wire, handlers: SessionHandlers): void {
    const meaning = this.#options.dialect.stream.read(frame, (id) => this.#symbols.get(id) ?? this.#options.market.symbolOf(id));
    if (meaning.type === 'ready') wire.ready();
    else if (meaning.type === 'reply') for (const answer of meaning.frames) wire.send(answer);
    else if (meaning.type === 'drop') {
      if (meaning.isKeyLost === true) this.#listenKey?.forget();
      wire.drop(meaning.reason);
    } else for (const news of meaning.news) deliver(news, handlers);
  }

  async #ask(ask: Ask, priority: Priority, symbol: string | null, patienceMs = READ_PATIENCE_MS): Promise<unknown> {
    const answer = await this.#sendNow(ask, priority, patienceMs, symbol);
    if (answer.kind !== 'answered' || !this.#options.dialect.isSuccess(answer)) throw failureOf(this.#options.dialect, answer);
    return answer.body;
  }

  /** Signs with the present venue time; when the venue says that it is wrong, nothing was done: measures it anew and asks once more. */
  async #sendNow(ask: Ask, priority: Priority, patienceMs: number, symbol: string | null): Promise<VenueAnswer> {
    const { dialect, time, clock } = this.#options;
    const attempt = async (): Promise<VenueAnswer> => {
      const offsetMs = await time.offsetMs();
      const { requestWindowMs: windowMs } = dialect.capabilities;
      const params = (exchange: Exchange): Params => dialect.fixed(ask.params, { timestampMs: clock.now() + offsetMs, windowMs }, exchange);
      return this.#send({ ...ask, params }, priority, patienceMs, symbol);
    };
    const answer = await attempt();
    if (answer.kind !== 'answered' || !dialect.isTimeRefusal(answer)) return answer;
    time.forget();
    return attempt();
  }

  #send(
    ask: Omit<Ask, 'params'> & Pick<VenueRequest, 'params' | 'onSent'>,
    priority: Priority,
    patienceMs: number,
    symbol: string | null,
  ): Promise<VenueAnswer> {
    if (symbol !== null) this.#symbols.set(this.#options.dialect.marketId(symbol), symbol);
    return this.#options.api.call({ ...ask, priority, patienceMs });
  }
}

/** An answer about another order than the one that was asked for is no answer. */
function theOrder(order: VenueOrder, clientOrderId: string): VenueOrder {
  if (order.clientOrderId !== clientOrderId) throw new UnreadableAnswer('it tells of another order');
  return order;
}

function deliver(news: StreamNews, handlers: SessionHandlers): void {
  if (news.type === 'order') handlers.onOrder(news.order);
  else handlers.onFill(news.fill);
}
