/**
 * Bots out of signals: what a signal says becomes the settings of a strategy that trades it, and goes the way of every bot. What is in
 * doubt is refused, with the reason.
 */

import type { Mode } from '#core/bot-states.ts';
import { AppError } from '#core/errors.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import { PLAN_TERMS } from '#core/plans/plan.ts';
import type { Clock } from '#core/ports.ts';
import { PAIR_STRATEGY, pairOf, type SignalPair, unfitness } from '#core/signals/pair-signal.ts';
import type { Signal } from '#core/signals/signal.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { BotPlan } from '../bots/bot-planning.ts';
import type { BotSketch, Bots } from '../bots/bots.ts';
import type { Accounts } from '../people/accounts.ts';
import type { Plans } from '../plans/plans.ts';
import type { SignalViews } from '../signal-views/signal-views.ts';

/** The settings take no more. */
const MOST_PERCENT = '50';

export interface SignalBotsParts {
  readonly bots: Pick<Bots, 'preview' | 'create'>;
  readonly accounts: Pick<Accounts, 'get'>;
  readonly plans: Pick<Plans, 'planOf'>;
  readonly signalViews: Pick<SignalViews, 'get' | 'choices'>;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly clock: Clock;
}

export interface SignalBotWish {
  readonly accountId: string;
  readonly mode: Mode;
  /** Settings that are to be others than those the signal suggests. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface SignalBotPlan {
  readonly sketch: BotSketch & { readonly accountId: string };
  readonly plan: BotPlan;
}

export class SignalBots {
  readonly #parts: SignalBotsParts;

  constructor(parts: SignalBotsParts) {
    this.#parts = parts;
  }

  /** What the bot would need and promise; stores nothing. Throws what {@link create} throws. */
  async preview(userId: string, signalId: string, wish: SignalBotWish): Promise<SignalBotPlan> {
    const { bots, signalViews } = this.#parts;
    await this.#demandPlan(userId);
    const { signal } = await signalViews.get(userId, signalId);
    const pair = await this.#demandTradable(userId, signal, wish);
    const sketch = {
      strategy: PAIR_STRATEGY,
      symbol: pair.symbol,
      mode: wish.mode,
      config: suggested(signal, pair, wish.config),
      actions: null,
      accountId: wish.accountId,
    };
    const plan = await bots.preview(userId, sketch);
    demandRoom(signal, plan);
    return { sketch, plan };
  }

  /**
   * Throws AppError `plan_required`, `not_found` for a signal or an account that is not there or another's, `signal_not_tradable` with the
   * reason, and what {@link Bots.create} throws; then nothing is stored.
   */
  async create(
    userId: string,
    signalId: string,
    wish: SignalBotWish & { readonly name: string },
  ): Promise<{ readonly bot: BotRecord; readonly plan: BotPlan }> {
    const { sketch } = await this.preview(userId, signalId, wish);
    return this.#parts.bots.create(userId, { ...sketch, name: wish.name });
  }

  async #demandPlan(userId: string): Promise<void> {
    if (PLAN_TERMS[await this.#parts.plans.planOf(userId)].mayStream) return;
    throw new AppError('plan_required', 'Bots out of signals need the plan VIP: what the free plan shows is a minute old.');
  }

  async #demandTradable(userId: string, signal: Signal, { accountId, mode }: SignalBotWish): Promise<SignalPair> {
    const { accounts, signalViews, venues, clock } = this.#parts;
    const { exchange } = await accounts.get(userId, accountId);
    const reading = pairOf(signal);
    if (!reading.ok) throw refused(reading.reason);
    const doubt = unfitness(signal, clock.now());
    if (doubt !== null) throw refused(doubt);
    const { minNetPercent, minSizeQuote } = await signalViews.choices(userId);
    if (minNetPercent !== null && decimal(signal.netPercent).lt(minNetPercent))
      throw refused(`it leaves ${signal.netPercent} %, and your threshold is ${minNetPercent} %`);
    if (minSizeQuote !== null && decimal(signal.maxSizeQuote).lt(minSizeQuote))
      throw refused(`it holds up to ${signal.maxSizeQuote} ${signal.quote}, and your threshold is ${minSizeQuote}`);
    const { venue } = reading.pair;
    if (mode === 'paper') return reading.pair;
    if (exchange !== venue) throw refused(`it is at ${venue}, and the account is at ${exchange}`);
    const known = venues.get(venue);
    if (known?.capabilities.markets.includes('perpetual') !== true)
      throw refused(`perpetuals of ${known?.title ?? venue} cannot be traded from here yet; take mode paper`);
    return reading.pair;
  }
}

/**
 * One round, entered at what the signal leaves or what it left on the average, the lower of both, while the signal is open, and left where
 * both prices meet: what is between them is what the signal counts as its net.
 */
function suggested(signal: Signal, pair: SignalPair, own: SignalBotWish['config']): Readonly<Record<string, unknown>> {
  const { netPercent, averageNetPercent, thresholdPercent } = signal;
  return {
    investment: signal.sizeQuote,
    entry_percent: bounded(decimal(averageNetPercent).lt(netPercent) ? averageNetPercent : netPercent),
    exit_percent: '0',
    rounds: 1,
    perpetual_symbol: pair.perpetualSymbol,
    start_signal: signal.scanner,
    start_signal_min_percent: bounded(thresholdPercent),
    ...own,
  };
}

function bounded(percent: DecimalString): DecimalString {
  const least = decimal(percent).lt(0) ? decimal('0') : decimal(percent);
  return plain(least.gt(MOST_PERCENT) ? decimal(MOST_PERCENT) : least);
}

/** More than the books hold at the threshold would not get the prices of the signal. */
function demandRoom({ maxSizeQuote, quote }: Signal, { config, forecast }: BotPlan): void {
  const coin = forecast?.preview['spot_quote'] ?? config['investment'];
  if (typeof coin !== 'string' || decimal(coin).lte(maxSizeQuote)) return;
  const message = `buys coin for ${coin} ${quote}; the signal holds up to ${maxSizeQuote}`;
  throw new AppError('validation_failed', `config.investment ${message}`, [{ field: 'config.investment', message }]);
}

function refused(reason: string): AppError {
  return new AppError('signal_not_tradable', `No bot can act on this signal: ${reason}.`);
}
