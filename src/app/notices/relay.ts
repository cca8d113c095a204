/**
 * Carries facts from the outbox into the lists of their users and under way to their addresses, oldest first, each once: several workers may
 * run it, one at a time does it. One fact that cannot be told keeps no other waiting; after many tries it is parked for a person to look at.
 */
import { PortError } from '#core/errors.ts';
import type { FactRecord } from '#core/facts.ts';
import { severityOf, shownData, soundOf, wordsOfNotice } from '#core/notices/message.ts';
import type { ChannelName, NoticeRecord } from '#core/notices/notice.ts';
import { decide } from '#core/notices/settings.ts';
import type { Bus, Clock, Log } from '#core/ports.ts';
import type { Recipient, SpreadPlan, SpreadRound } from '#core/store/notices.ts';
import type { Store } from '#core/store/store.ts';
import { Rounds } from '../rounds.ts';
import { DUE_TOPIC, NOTICE_TOPIC, type NoticeNews } from './topics.ts';

/** Facts are looked for this often. */
export const RELAY_MS = 250;
export const RELAY_BATCH = 200;
/** After the last try a fact is parked: with these pauses about three hours later, longer than most outages. */
export const PATIENCE = { firstPauseMs: 2_000, longestPauseMs: 1_800_000, tries: 15 } as const;
/** Of a failure's message this much is kept. */
const PROBLEM_LENGTH = 500;

export interface RelayParts {
  readonly store: Pick<Store, 'notices' | 'facts'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly bus: Bus;
  /** Those that are set up here; nothing is put under way on any other, where nobody would send it. */
  readonly channels: readonly ChannelName[];
}

export class Relay {
  readonly #parts: RelayParts;
  readonly #rounds: Rounds;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({ ...parts, pauseMs: RELAY_MS, problem: 'facts could not be told; trying again' }, () => this.deliver());
  }

  start(): void {
    this.#rounds.start(RELAY_MS);
  }

  close(): Promise<void> {
    return this.#rounds.close();
  }

  /** Tells what is waiting and returns how many facts were told. */
  async deliver(): Promise<number> {
    for (let told = 0; ; ) {
      const count = await this.#spread(RELAY_BATCH);
      told += count;
      if (count < RELAY_BATCH || this.#rounds.isClosed) return told;
    }
  }

  async #spread(limit: number): Promise<number> {
    let seen: readonly FactRecord[] = [];
    let known: ReadonlyMap<string, Recipient> = new Map();
    try {
      const round = await this.#parts.store.notices.spread(limit, (facts, recipients) => {
        seen = facts;
        known = recipients;
        return facts.map((fact) => this.#plan(fact, recipients.get(fact.userId)));
      });
      if (round !== null) this.#announce(round, known);
      return round?.facts.length ?? 0;
    } catch (error) {
      const [fact] = seen;
      if (fact === undefined || error instanceof PortError) throw error;
      if (limit > 1) return this.#oneByOne(seen.length);
      await this.#setBack(fact, error);
      return 1;
    }
  }

  /** One of them is at fault: it is set back, and the others are told. */
  async #oneByOne(count: number): Promise<number> {
    for (let done = 0; done < count && !this.#rounds.isClosed; done += 1) await this.#spread(1);
    return count;
  }

  #plan(fact: FactRecord, recipient: Recipient | undefined): SpreadPlan {
    const now = this.#parts.clock.now();
    const { targets, settings } = recipient ?? { targets: [], settings: null };
    const deliveries = targets.flatMap(({ id, channel }) => {
      const decision = settings === null ? null : decide(fact, settings, channel, now);
      if (decision === null || decision.kind === 'not' || !this.#parts.channels.includes(channel)) return [];
      const isGathered = decision.kind === 'held';
      return [{ targetId: id, channel, isGathered, dueAt: isGathered ? decision.until : now }];
    });
    return { fact, deliveries };
  }

  #announce({ facts, notices, unread }: SpreadRound, recipients: ReadonlyMap<string, Recipient>): void {
    const { bus, log } = this.#parts;
    for (const fact of facts) log.info({ fact: fact.type, dedupeKey: fact.dedupeKey, userId: fact.userId, botId: fact.botId, ...shownData(fact) }, 'fact');
    if (notices.length > 0) bus.publish(DUE_TOPIC, {});
    for (const notice of notices) {
      const settings = recipients.get(notice.userId)?.settings;
      if (settings !== undefined) bus.publish(NOTICE_TOPIC, { ...newsOf(notice, settings, unread.get(notice.userId) ?? 0) });
    }
  }

  async #setBack(fact: FactRecord, error: unknown): Promise<void> {
    const { store, log } = this.#parts;
    const problem = (error instanceof Error ? error.message : String(error)).slice(0, PROBLEM_LENGTH);
    const fields = { factId: fact.id, type: fact.type, userId: fact.userId, err: error };
    if ((await store.facts.failed(fact.id, problem, PATIENCE)) === 'waiting') log.warn(fields, 'a fact could not be told; it is tried again');
    else log.error(fields, `a fact could not be told in ${PATIENCE.tries} tries and is parked: nobody has heard of it`);
  }
}

function newsOf(notice: NoticeRecord, settings: Recipient['settings'], unread: number): NoticeNews {
  const { id, userId, botId, type, at } = notice;
  const words = wordsOfNotice(notice, settings.language);
  return { userId, id, type, severity: severityOf(notice), ...words, sound: soundOf(type, settings), botId, at, unread };
}
