/**
 * Brings what is under way on one channel to its addresses: several addresses at once, one message at a time to each, in their order. What
 * fails is tried again with growing pauses for a day; an address that is no more is switched off and its user told in other ways. Each
 * channel has a courier of its own, so that a slow one holds up no other.
 */
import type { NewFact } from '#core/facts.ts';
import { type Metrics, NO_METRICS } from '#core/metrics.ts';
import type { Channel, SendOutcome } from '#core/notices/channel.ts';
import { SEND_PATIENCE_MS } from '#core/notices/channel.ts';
import { messageOf } from '#core/notices/message.ts';
import type { Bus, Clock, Log, Vault } from '#core/ports.ts';
import type { DeliveryBatch } from '#core/store/notices.ts';
import type { Store } from '#core/store/store.ts';
import { Pace } from './pace.ts';
import { openAddress } from './targets.ts';
import { DUE_TOPIC } from './topics.ts';

/** Addresses served at once. */
export const LANES = 16;
/** Notices taken at once for one address. */
export const LANE_BATCH = 20;
/** What a worker that has died had in hand is free again after this. */
export const CLAIM_MS = 60_000;
/** Of a claim the last part is not begun with anything. */
const CLAIM_MARGIN_MS = SEND_PATIENCE_MS + 5_000;
/** Looked this often where nobody says that something is due. */
export const POLL_MS = 1_000;
export const FIRST_PAUSE_MS = 2_000;
export const LONGEST_PAUSE_MS = 600_000;
/** A channel that is away is tried again this often at the least. */
const LONGEST_BRAKE_MS = 30_000;
/** Nobody is asked to be silent for longer. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** What could not be told for so long is a dead letter. */
export const GIVE_UP_MS = 86_400_000;
const PROBLEM_LENGTH = 300;
const SETTLE_PAUSE_MS = 500;
const SILENTLY_GONE: readonly string[] = ['browser', 'fcm', 'apns'];

export interface CourierParts {
  readonly channel: Channel;
  readonly store: Pick<Store, 'notices'>;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly vault: Vault;
  readonly metrics?: Metrics;
}

type Item = DeliveryBatch['items'][number];

export class Courier {
  readonly #parts: CourierParts;
  readonly #metrics: Metrics;
  readonly #pace: Pace;
  readonly #lanes = new Set<Promise<void>>();
  #isClosed = false;
  #wake: () => void = () => undefined;
  #isWoken = false;
  #brakeUntil = 0;
  #brakes = 0;
  #unsubscribe: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: CourierParts) {
    this.#parts = parts;
    this.#metrics = parts.metrics ?? NO_METRICS;
    this.#pace = new Pace(parts.channel.pace, parts.clock);
  }

  start(): void {
    this.#unsubscribe = this.#parts.bus.subscribe(DUE_TOPIC, () => this.#rouse());
    this.#running = this.#run();
  }

  /** Waits for what is being sent; the rest is given back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#rouse();
    this.#pace.close();
    await this.#running;
    await Promise.all(this.#lanes);
    await this.#parts.channel.close();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const braked = this.#brakeUntil - this.#parts.clock.now();
      const found = braked > 0 ? 0 : await this.#takeUp();
      if (found > 0 && this.#lanes.size < LANES) continue;
      await this.#rest(braked > 0 ? Math.min(braked, POLL_MS) : POLL_MS);
    }
  }

  async #takeUp(): Promise<number> {
    const { store, channel, clock, log } = this.#parts;
    const free = LANES - this.#lanes.size;
    if (free <= 0) return 0;
    try {
      const claimedAt = clock.now();
      const batches = await store.notices.claim(channel.name, free, LANE_BATCH, CLAIM_MS);
      for (const batch of batches) this.#begin(batch, claimedAt + CLAIM_MS - CLAIM_MARGIN_MS);
      return batches.length;
    } catch (error) {
      log.warn({ err: error, channel: channel.name }, 'what is due could not be looked up; trying again');
      return 0;
    }
  }

  #begin(batch: DeliveryBatch, until: number): void {
    const { log, channel } = this.#parts;
    const lane = this.#serve(batch, until)
      .catch((error: unknown) => log.warn({ err: error, channel: channel.name, targetId: batch.target.id }, 'a delivery was broken off; it is tried again'))
      .finally(() => {
        this.#lanes.delete(lane);
        this.#rouse();
      });
    this.#lanes.add(lane);
  }

  /** Sends what there is for one address, until something does not go through. */
  async #serve(batch: DeliveryBatch, until: number): Promise<void> {
    const { store, channel } = this.#parts;
    let left = batch.items;
    let size = channel.pace.gathers;
    while (left.length > 0) {
      const isInTime = await this.#pace.turn(batch.target.id, until);
      const leave = isInTime ? await this.#pace.enter() : () => undefined;
      try {
        if (!isInTime || !this.#mayGoOn(until)) return await store.notices.later(idsOf(left), 0, null);
        const group = left.slice(0, size);
        const outcome = await this.#send(batch, group);
        if (outcome.outcome === 'refused' && group.length > 1) {
          // One of them may be what is refused: it shall not take the others with it.
          size = 1;
          continue;
        }
        left = left.slice(group.length);
        const goesOn = await this.#settle(batch, group, outcome, until);
        if (goesOn) continue;
        if (left.length > 0 && outcome.outcome === 'later') await store.notices.later(idsOf(left), 0, null);
        return;
      } finally {
        leave();
      }
    }
  }

  #mayGoOn(until: number): boolean {
    const now = this.#parts.clock.now();
    return !this.#isClosed && now <= until && now >= this.#brakeUntil;
  }

  async #send({ target, settings }: DeliveryBatch, group: readonly Item[]): Promise<SendOutcome> {
    const { channel, vault, log } = this.#parts;
    let address: string;
    try {
      address = openAddress(vault, target);
    } catch {
      return { outcome: 'later', reason: 'the address cannot be opened with the master key of this process', scope: 'target', retryAfterMs: null };
    }
    const message = messageOf(
      group.map(({ notice }) => notice),
      settings,
    );
    try {
      return await channel.send(address, message);
    } catch (error) {
      // A fault of ours: told in the log, and tried again, for a newer version perhaps.
      log.error({ err: error, channel: channel.name, targetId: target.id }, 'a channel has failed');
      return { outcome: 'later', reason: 'the channel has failed', scope: 'target', retryAfterMs: null };
    }
  }

  /** Notes what came of it; `true` when the next may be sent. */
  async #settle(batch: DeliveryBatch, group: readonly Item[], result: SendOutcome, until: number): Promise<boolean> {
    const { channel, clock, store, log } = this.#parts;
    const ids = idsOf(group);
    this.#metrics.countDelivery(channel.name, result.outcome, group.length);
    if (result.outcome === 'sent') {
      this.#brakes = 0;
      for (const { notice } of group) this.#metrics.observeDelivery(channel.name, clock.now() - notice.at);
      // It has gone out: as long as the claim holds, nobody else can send it again while the database is away.
      await this.#insist(() => store.notices.sent(ids), until);
      return true;
    }
    const fields = { channel: channel.name, targetId: batch.target.id, userId: batch.target.userId, reason: result.reason };
    const problem = result.reason.slice(0, PROBLEM_LENGTH);
    if (result.outcome === 'refused') {
      log.warn(fields, 'a notice was refused for good and is a dead letter');
      await this.#insist(() => store.notices.dead(ids, problem), until);
      return true;
    }
    if (result.outcome === 'gone') {
      log.info(fields, 'an address of a user is no more and was switched off');
      await store.notices.switchOff(batch.target.id, problem, this.#farewell(batch, problem));
      return false;
    }
    await this.#setBack(group, result, fields);
    return false;
  }

  async #setBack(group: readonly Item[], result: SendOutcome & { readonly outcome: 'later' }, fields: Readonly<Record<string, unknown>>): Promise<void> {
    const { clock, store, log } = this.#parts;
    const problem = result.reason.slice(0, PROBLEM_LENGTH);
    const now = clock.now();
    if (result.scope === 'channel') {
      this.#brakes += 1;
      const wanted = result.retryAfterMs ?? Math.min(FIRST_PAUSE_MS * 2 ** (this.#brakes - 1), LONGEST_BRAKE_MS);
      this.#brakeUntil = Math.max(this.#brakeUntil, now + Math.min(wanted, MAX_RETRY_AFTER_MS));
    }
    const [old, young] = [true, false].map((isOld) => group.filter(({ createdAt }) => now - createdAt > GIVE_UP_MS === isOld));
    if (old !== undefined && old.length > 0) {
      log.warn(fields, 'a notice could not be told for a day and is a dead letter');
      await store.notices.dead(idsOf(old), problem);
    }
    const [first] = young ?? [];
    if (young === undefined || first === undefined) return;
    log.info(fields, 'a notice could not be told; it is tried again');
    // While a whole channel is away, its return decides, and not how often each was tried.
    const pauseMs = result.scope === 'channel' ? Math.max(0, this.#brakeUntil - now) : (result.retryAfterMs ?? pauseAfter(first.tries, first.id));
    const isFailure = result.scope === 'target' && result.retryAfterMs === null;
    await store.notices.later(idsOf(young), Math.min(pauseMs, MAX_RETRY_AFTER_MS), problem, isFailure);
  }

  #farewell({ target }: DeliveryBatch, reason: string): NewFact | null {
    if (SILENTLY_GONE.includes(target.channel)) return null;
    const at = this.#parts.clock.now();
    const data = { channel: target.channel, hint: target.hint, reason };
    return { dedupeKey: `${target.id}:off:${at}`, userId: target.userId, botId: null, type: 'channel_disabled', data, at };
  }

  /** Tries until it is written or the claim is about to end. */
  async #insist(write: () => Promise<void>, until: number): Promise<void> {
    const { clock, log, channel } = this.#parts;
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (clock.now() >= until) throw error;
        log.warn({ err: error, channel: channel.name }, 'what came of a delivery could not be noted; trying again');
        await this.#pause(SETTLE_PAUSE_MS);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.clock.after(ms, resolve);
    });
  }

  #rouse(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Until something is due, an address is done with, or the time is over. */
  async #rest(ms: number): Promise<void> {
    if (!this.#isWoken && !this.#isClosed)
      await new Promise<void>((resolve) => {
        const callOff = this.#parts.clock.after(ms, resolve);
        this.#wake = () => {
          callOff();
          resolve();
        };
      });
    this.#isWoken = false;
    this.#wake = () => undefined;
  }
}

function idsOf(items: readonly Item[]): readonly string[] {
  return items.map(({ id }) => id);
}

/** Doubles with every try, and is a fifth more or less for each delivery, so that not all come back at once. */
export function pauseAfter(tries: number, id: string): number {
  const spread = ((Math.imul(Number(id) % 2 ** 31, 0x9e3779b1) + tries) >>> 0) / 2 ** 32;
  return Math.round(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(tries, 20), LONGEST_PAUSE_MS) * (0.8 + 0.4 * spread));
}
