/** Bots that follow a source: what each is told because of a post, through the same door as their user's own commands, and once. */
import { AppError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { type FollowedInstrument, followCall } from '#core/posts/follow-call.ts';
import type { CallUpdate, TradeCall } from '#core/posts/post.ts';
import type { PostResult, PostSource, PostView } from '#core/posts/post-store.ts';
import { writtenInstrument } from '#core/posts/ticker.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Store } from '#core/store/store.ts';
import type { Bots } from '../bots/bots.ts';

/** An update without a reply means the last call of its coin, no older than this. */
export const CALL_LIFE_MS = 14 * 24 * 3_600_000;
/** Refusals are kept up to here. */
const DETAIL_LENGTH = 300;

export interface PostFollowersParts {
  readonly store: Pick<Store, 'posts'>;
  readonly bots: Pick<Bots, 'get' | 'commandsOf' | 'commandOnce'>;
  readonly clock: Clock;
}

/** What one bot is to be told, or why it cannot be. */
type Telling = { readonly command: string; readonly params: Readonly<Record<string, unknown>> } | { readonly command: string; readonly refusal: string };

export class PostFollowers {
  readonly #parts: PostFollowersParts;

  constructor(parts: PostFollowersParts) {
    this.#parts = parts;
  }

  /** Whether it is a bot of this user that takes signals. */
  async canFollow(userId: string, botId: string): Promise<boolean> {
    try {
      return (await this.#parts.bots.commandsOf(userId, botId)).includes('signal');
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  }

  /** Tells every follower what follows from this version; `versions` are all of its message, itself among them. Older versions and posts taken back say nothing. */
  async tell(source: PostSource, post: PostView, versions: readonly PostView[]): Promise<void> {
    if (post.isWithdrawn || versions.some(({ edit }) => edit > post.edit)) return;
    const before = versions.filter(({ edit }) => edit < post.edit).sort((left, right) => right.edit - left.edit);
    for (const botId of source.botIds) {
      const bot = await this.#bot(source.userId, botId);
      if (bot === null) continue;
      const begun = Math.min(post.postedAt, ...before.map(({ postedAt }) => postedAt));
      for (const result of post.results) {
        const { event } = result;
        if (event.kind === 'call') await this.#carryOut(bot, result, callTelling(event, bot, post, begun, before));
        else if (event.kind === 'update') await this.#carryOut(bot, result, await this.#updateTelling(event, bot, source, post));
      }
      await this.#endGone(bot, post, before);
    }
  }

  /** Entries of its calls that are not filled are withdrawn. */
  async withdraw(source: PostSource, versions: readonly PostView[]): Promise<void> {
    const [latest] = versions;
    for (const botId of source.botIds) {
      const bot = await this.#bot(source.userId, botId);
      if (bot !== null && latest !== undefined) await this.#endCalls(bot, latest, versions, []);
    }
  }

  /** A version that does not say a call any more takes back what is not entered of it. */
  async #endGone(bot: BotRecord, post: PostView, before: readonly PostView[]): Promise<void> {
    if (before[0] !== undefined) await this.#endCalls(bot, post, before.slice(0, 1), basesOf(post));
  }

  async #endCalls(bot: BotRecord, post: PostView, versions: readonly PostView[], kept: readonly string[]): Promise<void> {
    const [carrier] = post.results;
    const gone = new Set(versions.flatMap(basesOf).filter((base) => !kept.includes(base)));
    const instrument = followedInstrument(bot);
    for (const base of gone) {
      if (carrier === undefined || base !== coinOf(instrument)) continue;
      await this.#carryOut(bot, carrier, { command: 'cancel_entries', params: { id: signalId(post, base) } });
    }
  }

  async #updateTelling(update: CallUpdate, bot: BotRecord, source: PostSource, post: PostView): Promise<Telling | null> {
    const called = await this.#callOf(update, source, post);
    if (called === null || called.call.instrument.base !== coinOf(followedInstrument(bot))) return null;
    const { call, message } = called;
    if (update.instrument !== null && update.instrument.multiplier !== call.instrument.multiplier)
      return { command: update.change.kind, refusal: 'it counts in other units than the call' };
    const id = signalId(message, call.instrument.base);
    const { change } = update;
    switch (change.kind) {
      // The bot watches prices itself, and knows what it has sold.
      case 'target_reached':
      case 'stop_reached':
        return null;
      case 'stop_moved':
        return change.to === 'entry' ? { command: 'break_even', params: { id } } : { command: 'move_stop', params: { id, price: change.to } };
      case 'cancelled':
        return { command: 'cancel_entries', params: { id } };
      case 'close':
        if (change.percent === '100') return { command: 'close_signal', params: { id } };
        return { command: 'close_signal', refusal: `a part of ${change.percent} per cent cannot be closed; the bot keeps its targets` };
    }
  }

  /** The call that an update is about, by the message it answers or by its coin. */
  async #callOf(
    { replyTo, instrument }: CallUpdate,
    source: PostSource,
    post: PostView,
  ): Promise<{ readonly call: TradeCall; readonly message: PostView } | null> {
    const { store } = this.#parts;
    const since = post.receivedAt - CALL_LIFE_MS;
    const answered = replyTo === null ? undefined : (await store.posts.versions(source.id, replyTo))[0];
    const message = answered ?? (instrument === null ? null : await store.posts.lastCall(source.id, instrument.base, since));
    if (message === null || message === undefined) return null;
    const calls = callsOf(message).filter((call) => instrument === null || call.instrument.base === instrument.base);
    const [call, second] = calls;
    return call === undefined || second !== undefined ? null : { call, message };
  }

  /** Through the one door, once for each result and bot. */
  async #carryOut(bot: BotRecord, result: PostResult, telling: Telling | null): Promise<void> {
    const { store, bots, clock } = this.#parts;
    if (telling === null) return;
    const { command } = telling;
    if (result.deeds.some((deed) => deed.botId === bot.id && deed.command === command)) return;
    const note = (outcome: 'given' | 'refused', detail: string): Promise<void> =>
      store.posts.noteDeed(result.id, { botId: bot.id, command, outcome, detail: detail.slice(0, DETAIL_LENGTH), at: clock.now() });
    if ('refusal' in telling) return note('refused', telling.refusal);
    try {
      await bots.commandOnce(bot.userId, bot.id, command, telling.params, `post-${result.id}-${bot.id}-${command}`);
      await note('given', '');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await note('refused', error.message);
    }
  }

  async #bot(userId: string, botId: string): Promise<BotRecord | null> {
    return (await this.canFollow(userId, botId)) ? this.#parts.bots.get(userId, botId) : null;
  }
}

/** A call whose figures stayed says nothing; one for another instrument is not the bot's. */
function callTelling(call: TradeCall, bot: BotRecord, post: PostView, begun: number, before: readonly PostView[]): Telling | null {
  const { base } = call.instrument;
  const former = before[0] === undefined ? undefined : callsOf(before[0]).find((each) => each.instrument.base === base);
  if (former !== undefined && JSON.stringify(former) === JSON.stringify(call)) return null;
  const isChange = before.some((version) => basesOf(version).includes(base));
  const command = isChange ? 'change_signal' : 'signal';
  if (basesOf(post).filter((each) => each === base).length > 1) return { command, refusal: 'the post calls this coin twice' };
  // An edit makes nothing valid for longer.
  const followed = followCall(call, followedInstrument(bot), { id: signalId(post, base), issuedAt: begun });
  if (followed.kind === 'signal') return { command, params: { ...followed.signal } };
  return followed.reason === 'two_instruments' ? null : { command, refusal: `${followed.reason} ${followed.detail}`.trim() };
}

/** The call for bots, the same in all versions. */
function signalId({ firstId }: PostView, base: string): string {
  return `post:${firstId}:${base}`;
}

function callsOf(post: PostView): readonly TradeCall[] {
  return post.results.flatMap(({ event }) => (event.kind === 'call' ? [event] : []));
}

function basesOf(post: PostView): readonly string[] {
  return callsOf(post).map(({ instrument }) => instrument.base);
}

/** Symbols are unified: `BTC/USDT`, of a perpetual `BTC/USDT:USDT`. */
function followedInstrument({ symbol }: BotRecord): FollowedInstrument {
  const [pair = '', settled] = symbol.split(':');
  const [base = '', quote = ''] = pair.split('/');
  return { symbol, base, quote, isPerpetual: settled !== undefined };
}

/** The coin as posts name it: PEPE of 1000PEPE. */
function coinOf({ base, quote }: FollowedInstrument): string | null {
  return writtenInstrument(base, quote)?.base ?? null;
}
