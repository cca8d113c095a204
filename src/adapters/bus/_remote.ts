/**
 * A bus between processes over any carrier of texts: delivers here at once, sends to the others in the background, keeps
 * the connection, and tells everybody concerned when messages may have been lost. It never holds up whoever publishes.
 */
import { randomUUID } from 'node:crypto';
import type { Bus, Clock, Log, OpenBus } from '#core/ports.ts';
import { LocalBus, type Message } from './_local.ts';

/** One open connection of a carrier. */
export interface Connection {
  /** Every text reaches every open connection, this one too, in order. */
  send(texts: readonly string[]): Promise<void>;
  /** Rejects when the connection is of no more use. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface Carrier {
  readonly kind: OpenBus['kind'];
  /** Resolves once everything sent from now on is heard. `onLost` is called at most once, and never after `close`. */
  open(onText: (text: string) => void, onLost: (error: unknown) => void): Promise<Connection>;
}

export interface RemoteBusOptions {
  readonly carrier: Carrier;
  readonly clock: Clock;
  readonly log: Log;
}

/** Messages that may wait for being sent; one more and the others are told of a gap instead. */
export const MAX_OUTBOX = 10_000;
/** A message longer than this is not sent; the others are told of a gap. */
export const MAX_TEXT_LENGTH = 1_000_000;
/** A connection is asked for a sign of life this often, and given up when none comes for as long. */
export const PING_MS = 5_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const CLOSE_PATIENCE_MS = 1_000;

interface Envelope {
  readonly from: string;
  /** `null` tells of a gap. */
  readonly topic: string | null;
  readonly message: Message;
}

export class RemoteBus implements OpenBus {
  readonly kind: OpenBus['kind'];
  readonly #options: RemoteBusOptions;
  readonly #local: LocalBus;
  readonly #name = randomUUID();
  readonly #isReady = Promise.withResolvers<void>();
  #connection: Connection | null = null;
  #outbox: string[] = [];
  #sending: Promise<void> | null = null;
  /** Others may have missed something that was published here. */
  #owesGap = false;
  #isClosed = false;
  #retryMs = FIRST_RETRY_MS;
  #cancelTimer: () => void = () => undefined;

  constructor(options: RemoteBusOptions) {
    this.kind = options.carrier.kind;
    this.#options = options;
    this.#local = new LocalBus(options.log);
    this.#isReady.promise.catch(() => undefined);
    void this.#connect();
  }

  publish(topic: string, message: Message): void {
    if (this.#isClosed) return;
    this.#local.deliver(topic, message);
    this.#post({ from: this.#name, topic, message });
  }

  subscribe(...[topic, handler, onGap]: Parameters<Bus['subscribe']>): () => void {
    return this.#local.subscribe(topic, handler, onGap);
  }

  isUp(): boolean {
    return this.#connection !== null;
  }

  ready(): Promise<void> {
    return this.#isClosed ? Promise.reject(new Error('the bus is closed')) : this.#isReady.promise;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer();
    this.#local.clear();
    this.#isReady.reject(new Error('the bus is closed'));
    if (this.#sending !== null) await within(this.#options.clock, CLOSE_PATIENCE_MS, this.#sending).catch(() => undefined);
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close().catch(() => undefined);
  }

  #post(envelope: Envelope): void {
    const text = this.#connection === null || this.#outbox.length >= MAX_OUTBOX ? null : JSON.stringify(envelope);
    if (text === null || text.length > MAX_TEXT_LENGTH) this.#owesGap = true;
    else this.#outbox.push(text);
    if (this.#connection !== null) this.#sending ??= this.#send(this.#connection);
  }

  /** Sends what waits, in pieces of what has gathered meanwhile, and the word of a gap where one is owed. */
  async #send(connection: Connection): Promise<void> {
    // Everything published in one go leaves in one go.
    await Promise.resolve();
    try {
      while (this.#connection === connection && (this.#outbox.length > 0 || this.#owesGap)) {
        const texts = this.#outbox.splice(0);
        const isGapOwed = this.#owesGap;
        if (isGapOwed) texts.push(JSON.stringify({ from: this.#name, topic: null, message: {} } satisfies Envelope));
        this.#owesGap = false;
        await connection.send(texts).catch((error: unknown) => {
          this.#owesGap = true;
          throw error;
        });
      }
    } catch (error) {
      this.#onLost(connection, error);
    } finally {
      // A new connection may have come up while this one was still given up for lost.
      const isMore = this.#outbox.length > 0 || this.#owesGap;
      this.#sending = this.#connection !== null && isMore ? this.#send(this.#connection) : null;
    }
  }

  #onText(text: string): void {
    const envelope = readEnvelope(text);
    if (envelope === null) return this.#options.log.warn({ length: text.length }, 'a message on the bus could not be read');
    if (envelope.from === this.#name) return;
    if (envelope.topic === null) this.#local.tellGap();
    else this.#local.deliver(envelope.topic, envelope.message);
  }

  async #connect(): Promise<void> {
    const { carrier, log } = this.#options;
    let connection: Connection | null = null;
    let isLostEarly = false;
    try {
      connection = await carrier.open(
        (text) => this.#onText(text),
        (error) => {
          if (connection === null) isLostEarly = true;
          else this.#onLost(connection, error);
        },
      );
    } catch (error) {
      return this.#retry(error);
    }
    if (this.#isClosed) return connection.close().catch(() => undefined);
    if (isLostEarly) return this.#retry(new Error('the connection ended at once'));
    this.#connection = connection;
    this.#retryMs = FIRST_RETRY_MS;
    log.info({ bus: this.kind }, 'the bus is up');
    this.#isReady.resolve();
    // Whatever was said before this moment has not been heard here.
    this.#local.tellGap();
    if (this.#owesGap) this.#sending ??= this.#send(connection);
    this.#schedulePing(connection);
  }

  #schedulePing(connection: Connection): void {
    const { clock } = this.#options;
    this.#cancelTimer = clock.after(PING_MS, () => {
      within(clock, PING_MS, connection.ping()).then(
        () => {
          if (this.#connection === connection) this.#schedulePing(connection);
        },
        (error: unknown) => this.#onLost(connection, error),
      );
    });
  }

  #onLost(connection: Connection, error: unknown): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    // What waited is lost to the others.
    if (this.#outbox.splice(0).length > 0) this.#owesGap = true;
    connection.close().catch(() => undefined);
    this.#retry(error);
  }

  #retry(error: unknown): void {
    if (this.#isClosed) return;
    const { clock, log } = this.#options;
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#retryMs === FIRST_RETRY_MS) log.warn({ bus: this.kind, reason }, 'the bus is down: wake-ups go by the sweep until it is back');
    // Many processes that lose the same server do not come back in the same moment.
    const delayMs = this.#retryMs * (0.5 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    this.#cancelTimer();
    this.#cancelTimer = clock.after(delayMs, () => void this.#connect());
  }
}

function readEnvelope(text: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('from' in value) || !('topic' in value) || !('message' in value)) return null;
    const { from, topic, message } = value;
    if (typeof from !== 'string' || (typeof topic !== 'string' && topic !== null) || typeof message !== 'object' || message === null) return null;
    return { from, topic, message: { ...message } };
  } catch {
    return null;
  }
}

async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const callOff = clock.after(ms, () => late.reject(new Error(`no answer within ${ms} ms`)));
  try {
    await Promise.race([work, late.promise]);
  } finally {
    callOff();
  }
}
