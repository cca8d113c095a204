/** Reads one session's channels: finds each once, asks what has happened since, passes it on post by post, and remembers how far it came. */
import type { Clock, Log } from '#core/ports.ts';
import type { ChannelNews } from '#core/posts/channel-news.ts';
import type { Store } from '#core/store/store.ts';
import type { ChannelPlace, TelegramUser, TelegramUserAnswer } from '#core/telegram-user/port.ts';
import type { ChannelReading, ReadingProblem } from '#core/telegram-user/store.ts';
import type { ChannelIntake } from '../posts/channel-intake.ts';

/** Telegram says when it wants to be asked again, but never sooner or later than this. */
export const SOONEST_MS = 3_000;
export const LATEST_MS = 20_000;
/** A channel that cannot be read is tried again after this, or at once when it is named anew… */
export const FAILED_PAUSE_MS = 30 * 60_000;
/** …and one that is not there, or is none, after this. */
export const LOST_PAUSE_MS = 24 * 3_600_000;
const LOST: readonly ReadingProblem[] = ['no_channel', 'not_a_channel'];
/** What was written longer ago is passed over, as after a long time off: Telegram keeps posts for bots as long. */
export const MAX_AGE_MS = 24 * 3_600_000;
/** After no answer. */
export const UNREACHABLE_PAUSE_MS = 5_000;

export interface ChannelReaderParts {
  readonly store: Pick<Store, 'telegramUser' | 'posts'>;
  readonly user: TelegramUser;
  readonly intake: Pick<ChannelIntake, 'take'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What was fetched and is not passed on yet. */
interface Batch {
  readonly news: ChannelNews[];
  readonly place: ChannelPlace;
  readonly nextAfterMs: number;
}

interface Turn {
  dueAt: number;
  /** The last attempt came to nothing, and that is noted. */
  hasFailed: boolean;
  batch: Batch | null;
}

/** How the reading fares. */
export interface ReaderStanding {
  readonly channels: number;
  readonly failing: Readonly<Partial<Record<ReadingProblem, number>>>;
  /** Until when Telegram wants to be left in peace; `null` when it does not. */
  readonly waitUntil: number | null;
  /** Since when there has been no answer; `null` while there is. */
  readonly silentSince: number | null;
  /** Posts since the session was opened here, and those that too much had happened to fetch. */
  readonly posts: number;
  readonly gaps: number;
}

export class ChannelReader {
  readonly #parts: ChannelReaderParts;
  readonly #turns = new Map<string, Turn>();
  #readings: readonly ChannelReading[] = [];
  #waitUntil = 0;
  #silentSince: number | null = null;
  #posts = 0;
  #gaps = 0;

  constructor(parts: ChannelReaderParts) {
    this.#parts = parts;
  }

  /** Asks for every channel whose turn it is, one after the other. Returns why the session opens nothing any more; `null` while it does. */
  async round(readings: readonly ChannelReading[]): Promise<string | null> {
    this.#readings = readings;
    const names = new Set(readings.map(nameOf));
    for (const name of this.#turns.keys()) if (!names.has(name)) this.#turns.delete(name);
    for (const reading of readings) {
      if (this.#restMs() > 0) break;
      const turn = this.#turnOf(reading);
      // Its user has named it anew, or there is another session.
      if (turn.hasFailed && reading.problem === null) Object.assign(turn, { dueAt: 0, hasFailed: false });
      if (turn.dueAt > this.#parts.clock.now()) continue;
      const revoked = await this.#read(reading, turn);
      if (revoked !== null) return revoked;
    }
    return null;
  }

  /** How long there is nothing to do; the list may change sooner. */
  restMs(): number {
    const now = this.#parts.clock.now();
    const next = Math.min(Number.POSITIVE_INFINITY, ...this.#readings.map((reading) => this.#turnOf(reading).dueAt));
    return Math.max(this.#restMs(), next - now, 0);
  }

  standing(): ReaderStanding {
    const failing: Partial<Record<ReadingProblem, number>> = {};
    for (const { problem } of this.#readings) if (problem !== null) failing[problem] = (failing[problem] ?? 0) + 1;
    const waitUntil = this.#restMs() > 0 && this.#silentSince === null ? this.#waitUntil : null;
    return { channels: this.#readings.length, failing, waitUntil, silentSince: this.#silentSince, posts: this.#posts, gaps: this.#gaps };
  }

  /** How long nothing may be asked at all. */
  #restMs(): number {
    return Math.max(0, this.#waitUntil - this.#parts.clock.now());
  }

  #turnOf(reading: ChannelReading): Turn {
    const turn = this.#turns.get(nameOf(reading)) ?? { dueAt: 0, hasFailed: false, batch: null };
    this.#turns.set(nameOf(reading), turn);
    return turn;
  }

  async #read(reading: ChannelReading, turn: Turn): Promise<string | null> {
    const { store, user, clock, log } = this.#parts;
    if (turn.batch === null && reading.found === null) {
      const found = await user.find(reading.channel);
      if (!found.isOk) return this.#refused(reading, turn, found);
      this.#silentSince = null;
      const problem = await store.telegramUser.bind(reading, found.result);
      if (problem !== null) return this.#failed(reading, turn, problem, '');
      log.info({ sourceId: reading.sourceId, chatId: found.result.chatId }, 'a channel is read from now on');
      return null;
    }
    if (turn.batch === null && reading.found !== null) {
      const changes = await user.changes(reading.found, reading.found.place);
      if (!changes.isOk) return this.#refused(reading, turn, changes);
      this.#silentSince = null;
      const { news, place, isFinal, nextAfterMs, hasGap } = changes.result;
      if (hasGap) {
        this.#gaps += 1;
        log.warn({ sourceId: reading.sourceId, posts: news.length }, 'more was said in a channel than can be fetched; only the newest posts are read');
      }
      turn.batch = { news: this.#worthTaking(reading, news), place, nextAfterMs: isFinal ? bounded(nextAfterMs) : 0 };
    }
    turn.hasFailed = false;
    turn.dueAt = clock.now() + (await this.#passOn(reading, turn));
    return null;
  }

  /** Without posts that were deleted meanwhile, so that nobody acts on them first, and without old ones. */
  #worthTaking({ sourceId }: ChannelReading, news: readonly ChannelNews[]): ChannelNews[] {
    const gone = new Set(news.flatMap(({ kind, messageId }) => (kind === 'withdrawn' ? [messageId] : [])));
    const since = this.#parts.clock.now() - MAX_AGE_MS;
    const old = news.filter((each) => each.kind === 'said' && each.postedAt < since);
    if (old.length > 0) this.#parts.log.info({ sourceId, posts: old.length }, 'posts of more than a day ago are passed over');
    return news.filter((each) => each.kind === 'withdrawn' || (each.postedAt >= since && !gone.has(each.messageId)));
  }

  /** Post by post, so that what is passed on is not asked for again in this process; returns how long to wait. */
  async #passOn(reading: ChannelReading, turn: Turn): Promise<number> {
    const { store, intake } = this.#parts;
    const { batch } = turn;
    if (batch === null) return 0;
    const source = batch.news.length === 0 ? null : await store.posts.source(reading.userId, reading.sourceId);
    for (let next = batch.news[0]; next !== undefined && source !== null; next = batch.news[0]) {
      const waitMs = await intake.take(source, next);
      if (waitMs > 0) return waitMs;
      batch.news.shift();
      this.#posts += 1;
    }
    const before = reading.found?.place;
    const isMoved = before?.pts !== batch.place.pts || before.lastMessageId !== batch.place.lastMessageId;
    if (isMoved || reading.problem !== null) await store.telegramUser.move(reading, batch.place);
    turn.batch = null;
    return batch.nextAfterMs;
  }

  async #refused(reading: ChannelReading, turn: Turn, answer: Extract<TelegramUserAnswer<never>, { isOk: false }>): Promise<string | null> {
    const { clock, log } = this.#parts;
    const now = clock.now();
    switch (answer.problem) {
      case 'revoked':
        return answer.description;
      case 'wait':
        this.#waitUntil = now + (answer.retryAfterMs ?? LATEST_MS);
        this.#silentSince = null;
        log.warn({ waitMs: this.#waitUntil - now, reason: answer.description }, 'Telegram wants to be asked less; all channels wait');
        return null;
      case 'unreachable':
        if (this.#silentSince === null) log.warn({ reason: answer.description }, 'Telegram does not answer the session; trying again');
        this.#silentSince ??= now;
        this.#waitUntil = now + UNREACHABLE_PAUSE_MS;
        return null;
      default:
        return this.#failed(reading, turn, answer.problem, answer.description);
    }
  }

  async #failed(reading: ChannelReading, turn: Turn, problem: ReadingProblem, reason: string): Promise<null> {
    const { store, clock, log } = this.#parts;
    turn.dueAt = clock.now() + (LOST.includes(problem) ? LOST_PAUSE_MS : FAILED_PAUSE_MS);
    turn.hasFailed = true;
    if (reading.problem === problem) return null;
    await store.telegramUser.note(reading, problem);
    log.warn({ sourceId: reading.sourceId, problem, reason }, 'a channel cannot be read');
    return null;
  }
}

/** Another name of the channel begins anew. */
function nameOf({ sourceId, channel }: ChannelReading): string {
  return `${sourceId} ${channel}`;
}

function bounded(ms: number | null): number {
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, ms ?? LATEST_MS));
}
