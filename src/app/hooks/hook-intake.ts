/**
 * Messages of other programs to bots: whoever has the secret, with a message that is fresh and new, tells the bot what its user could tell
 * it, through the same use case. To everybody else there is nothing at the address, whether there is or not.
 */
import type { ActorScope } from '#core/audit.ts';
import { AppError, PortError } from '#core/errors.ts';
import type { HookRecord } from '#core/hooks/hook-store.ts';
import type { Clock, Log, Vault } from '#core/ports.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Store } from '#core/store/store.ts';
import type { Bots } from '../bots/bots.ts';
import { missing } from '../missing.ts';
import { Buckets, type Pace } from '../people/buckets.ts';
import { deedOf, type HookDeed } from './hook-action.ts';
import { sealContext } from './hooks.ts';
import { TRADING_VIEW_ADDRESSES } from './trading-view.ts';

/** Messages to one address at once; one more every two seconds. */
export const HOOK_PACE: Pace = { capacity: 30, refillMs: 2_000 };
/** How far a clock may be ahead of ours. */
export const AHEAD_MS = 30_000;
/** How old a signed request may be, whatever its message says. */
export const SIGNED_MAX_AGE_MS = 300_000;
/** Oldest message any address may be told to take, in seconds. */
export const MAX_AGE_LIMIT_SECONDS = 600;
/** A message is known again for longer than it could be fresh. */
export const REMEMBERED_MS = 2 * MAX_AGE_LIMIT_SECONDS * 1_000;
/** Where messages say no time, the same words within this are the same message. */
export const TIMELESS_MS = 30_000;
const FORGET_LIMIT = 200;
const OUTCOME_LENGTH = 200;

/** How the sender shows that he has the secret. */
export type HookProof = { readonly secret: string } | { readonly signature: string; readonly timestamp: string };

export interface HookMessage {
  readonly hookId: string;
  readonly proof: HookProof;
  readonly body: string;
  /** Where it came from. */
  readonly address: string;
}

/** A message taken apart; see the edge for how it is written. */
export interface HookOrder {
  readonly action: string;
  readonly symbol: string | null;
  readonly id: string | null;
  /** When it was written, in milliseconds since 1970. */
  readonly time: number | null;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface HookAnswer {
  readonly status: 'accepted' | 'duplicate';
  readonly action: string;
  /** The command that the bot was given, if it was one. */
  readonly command: string | null;
}

export interface HookIntakeParts {
  readonly store: Pick<Store, 'hooks'>;
  readonly bots: Bots;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Log;
  readonly actors: ActorScope;
  /** HMAC-SHA256 in hexadecimal. */
  readonly sign: (secret: string, text: string) => string;
  /** Reads a message. Throws AppError `validation_failed` or `malformed_request`. */
  readonly read: (body: string) => HookOrder;
}

export class HookIntake {
  readonly #parts: HookIntakeParts;
  readonly #paces: Buckets;
  #forgetAt = 0;

  constructor(parts: HookIntakeParts) {
    this.#parts = parts;
    this.#paces = new Buckets(parts.clock);
  }

  /**
   * Does what the message says, once. Throws AppError `not_found` to whoever has no right to be here; `rate_limited`, `validation_failed` naming
   * the field, `malformed_request`, `bot_state_conflict` and what else the use cases of bots throw to whoever has.
   */
  async take(message: HookMessage): Promise<HookAnswer> {
    const { store, clock } = this.#parts;
    const hook = await store.hooks.byHookId(message.hookId);
    if (hook === null || !this.#isProven(hook, message) || !hook.isEnabled) return missing();
    if (hook.isTradingViewOnly && !TRADING_VIEW_ADDRESSES.has(message.address)) return missing();
    const waitMs = this.#paces.attempt(hook.hookId, HOOK_PACE);
    if (waitMs > 0) throw new AppError('rate_limited', `Too many messages to this bot; try again in ${Math.ceil(waitMs / 1_000)} s.`, [], waitMs);
    try {
      return await this.#parts.actors.run({ userId: hook.userId, address: message.address }, () => this.#obey(hook, message));
    } catch (error) {
      if (error instanceof AppError) await store.hooks.note(hook.botId, null, `refused: ${error.message}`.slice(0, OUTCOME_LENGTH), clock.now());
      throw error;
    }
  }

  async #obey(hook: HookRecord, { body }: HookMessage): Promise<HookAnswer> {
    const { store, bots, clock, read } = this.#parts;
    const order = read(body);
    const now = clock.now();
    checkFreshness(hook, order.time, now);
    const bot = await bots.get(hook.userId, hook.botId);
    checkSymbol(order.symbol, bot);
    const { digest, earlier, since } = this.#identify(hook, order, body, now);
    const deed = deedOf({ ...order, id: order.id ?? digest, writtenAt: order.time }, { ...bot, commands: await bots.commandsOf(hook.userId, bot.id) });
    const answer = { action: order.action, command: deed.kind === 'command' ? deed.name : null };
    const isKnown = await store.hooks.hasReceipt(hook.botId, earlier, since);
    if (isKnown || !(await this.#carryOut(bot, deed, `hook-${digest}`))) return { status: 'duplicate', ...answer };
    await store.hooks.note(hook.botId, digest, `accepted: ${answer.command ?? answer.action}`, now);
    await this.#forget(now);
    return { status: 'accepted', ...answer };
  }

  /** `false` when it has been done already: a crash between the deed and its receipt does not make it happen twice. */
  async #carryOut(bot: BotRecord, deed: HookDeed, commandId: string): Promise<boolean> {
    const { bots } = this.#parts;
    if (deed.kind === 'act') {
      await bots.act(bot.userId, bot.id, deed.action);
      return true;
    }
    return bots.commandOnce(bot.userId, bot.id, deed.name, deed.params, commandId);
  }

  #isProven(hook: HookRecord, { proof, body }: HookMessage): boolean {
    const { vault, clock, sign } = this.#parts;
    const secret = vault.open(hook.sealed, sealContext(hook.botId, hook.hookId));
    if ('secret' in proof) return this.#isSame(proof.secret, secret);
    const at = Number(proof.timestamp) * 1_000;
    const ageMs = clock.now() - at;
    const isFresh = /^\d{9,11}$/.test(proof.timestamp) && ageMs <= SIGNED_MAX_AGE_MS && ageMs >= -AHEAD_MS;
    return isFresh && this.#isSame(proof.signature, sign(secret, `${proof.timestamp}.${body}`));
  }

  /** Compares digests, so that the time it takes says nothing of the texts. */
  #isSame(given: string, wanted: string): boolean {
    const { vault } = this.#parts;
    return vault.fingerprint(given, 'hook proof') === vault.fingerprint(wanted, 'hook proof');
  }

  /** By what a message is known again, and since when that counts. */
  #identify(
    hook: HookRecord,
    { id, time }: HookOrder,
    body: string,
    now: number,
  ): { readonly digest: string; readonly earlier: readonly string[]; readonly since: number } {
    const what = id === null ? `body ${body}` : `id ${id}`;
    const digestAt = (span: number | null): string => this.#parts.vault.fingerprint(`${hook.hookId} ${what} ${span ?? ''}`, 'hook message');
    if (id !== null || time !== null) return { digest: digestAt(null), earlier: [digestAt(null)], since: now - REMEMBERED_MS };
    // Of two spans, because the one before ended a moment ago.
    const span = Math.floor(now / TIMELESS_MS);
    return { digest: digestAt(span), earlier: [digestAt(span), digestAt(span - 1)], since: now - TIMELESS_MS };
  }

  async #forget(now: number): Promise<void> {
    if (now < this.#forgetAt) return;
    this.#forgetAt = now + REMEMBERED_MS;
    try {
      await this.#parts.store.hooks.forgetReceipts(now - REMEMBERED_MS, FORGET_LIMIT);
    } catch (error) {
      // What is old does no harm; the message has been carried out.
      if (!(error instanceof PortError)) throw error;
      this.#parts.log.warn({ err: error }, 'old receipts of hooks could not be forgotten');
    }
  }
}

function checkFreshness({ maxAgeSeconds }: HookRecord, time: number | null, now: number): void {
  if (maxAgeSeconds === null && time === null) return;
  if (time === null) throw refusal('time', 'is required by this address; TradingView fills in {{timenow}}');
  const ageMs = now - time;
  if (ageMs > (maxAgeSeconds ?? MAX_AGE_LIMIT_SECONDS) * 1_000)
    throw refusal('time', `is ${Math.round(ageMs / 1_000)} s ago; this address takes messages of up to ${maxAgeSeconds ?? MAX_AGE_LIMIT_SECONDS} s`);
  if (ageMs < -AHEAD_MS) throw refusal('time', `is ${Math.round(-ageMs / 1_000)} s ahead of this server's clock`);
}

/** `BINANCE:BTCUSDT`, `BTCUSDT.P` and `BTC/USDT:USDT` mean the same instrument. */
function checkSymbol(given: string | null, { symbol }: BotRecord): void {
  if (given === null) return;
  const letters = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const wanted = letters(symbol.split(':')[0] ?? symbol);
  const bare = letters((given.includes('/') ? given.split(':')[0] : given.split(':').at(-1))?.replace(/\.P$/i, '') ?? given);
  if (bare !== wanted) throw refusal('symbol', `is ${JSON.stringify(given.slice(0, 40))}, but the bot trades ${symbol}`);
}

function refusal(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}
