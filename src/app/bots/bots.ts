/**
 * A user's bots: made, changed, and told what to do. Actions set the wish and wake the runner; the runner does the rest.
 */
import type { ActionRules } from '#core/actions/action-state.ts';
import type { BotWarning, Mode } from '#core/bot-states.ts';
import { AppError, PortError } from '#core/errors.ts';
import type { Bus, Clock, Ids } from '#core/ports.ts';
import type { PlanQuestion } from '#core/sandbox/port.ts';
import type { BotConfig, BotRecord } from '#core/store/bots.ts';
import type { StoredCommand } from '#core/store/commands.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Venue } from '#core/venue-ports.ts';
import { missing } from '../missing.ts';
import type { OwnStrategies } from '../own-strategies/own-strategies.ts';
import type { Accounts, GivenKeys, PreparedAccount } from '../people/accounts.ts';
import { ALLOWED, type BotAction, busy, notRunning, WISHES } from './bot-actions.ts';
import { checkedCommand } from './bot-commands.ts';
import { type BotPlan, planBot, strategyNamed, tradingVenue } from './bot-planning.ts';
import { splitConfig } from './bot-rules.ts';
import { isAtWork, visibleStatus } from './bot-status.ts';
import { settingsOfVersion } from './bot-versions.ts';
import { previewCommand } from './command-preview.ts';

export interface BotsParts {
  readonly store: Pick<Store, 'bots' | 'accounts' | 'killSwitch' | 'operations' | 'commands' | 'runs'>;
  readonly accounts: Accounts;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Users' own strategies; without them there are none. */
  readonly own?: OwnStrategies | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly bus: Bus;
}

export interface BotSketch {
  readonly strategy: string;
  readonly symbol: string;
  readonly mode: Mode;
  readonly config: unknown;
  /** What is to follow from its strategy's orders; `null` for nothing. */
  readonly actions: ActionRules | null;
}

/** A bot on an account the user has, or with the exchange and keys of an account to be made with it. */
export interface NewBot extends BotSketch, GivenKeys {
  readonly name: string;
  readonly accountId?: string | undefined;
  readonly exchange?: string | undefined;
  /** What is to be known of settings that were searched for. */
  readonly warning?: BotWarning | null;
}

/** A command as it would be understood, and what it would do, as plain decimals for people. */
export interface CommandPreview {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly preview: Readonly<Record<string, unknown>>;
}

interface Place {
  readonly exchange: string;
  readonly accountId: string;
  readonly newAccount: PreparedAccount | undefined;
}

export class Bots {
  readonly #parts: BotsParts;

  constructor(parts: BotsParts) {
    this.#parts = parts;
  }

  /** What a bot would need and promise; stores nothing. Throws what {@link create} throws for its settings. */
  async preview(userId: string, sketch: BotSketch & { readonly accountId?: string | undefined; readonly exchange?: string | undefined }): Promise<BotPlan> {
    const exchange = await this.#exchangeOf(userId, sketch);
    return (await this.#plan(userId, sketch, exchange)).plan;
  }

  /**
   * Checks everything, then stores the bot, with its account where that is new, at once. Throws AppError
   * `validation_failed`, `strategy_unknown`, `symbol_unknown`, `exchange_unknown` or one about keys, and then nothing is stored.
   */
  async create(userId: string, input: NewBot): Promise<{ readonly bot: BotRecord; readonly plan: BotPlan }> {
    const { store, ids, clock } = this.#parts;
    const { plan, strategy } = await this.#plan(userId, input, await this.#exchangeOf(userId, input));
    const place = await this.#placeOf(userId, input);
    const { name, symbol, mode, warning = null } = input;
    const make = ({ accountId, newAccount }: typeof place): Promise<BotRecord> =>
      store.bots.create({ id: ids.next(), userId, accountId, name, strategy, symbol, mode, config: plan.config, warning, at: clock.now() }, newAccount);
    try {
      return { bot: await make(place), plan };
    } catch (error) {
      if (!(error instanceof PortError) || error.code !== 'key_in_use') throw error;
      // The same keys were stored while these were tried: if they are this user's, the bot works on that account.
      const again = await this.#placeOf(userId, input);
      if (again.newAccount !== undefined) throw await this.#parts.accounts.explainTaken(userId, { ...input, exchange: again.exchange }, error);
      return { bot: await make(again), plan };
    }
  }

  list(userId: string, page: PageRequest): Promise<Page<BotRecord>> {
    return this.#parts.store.bots.list(userId, page);
  }

  /** Throws AppError `not_found`. */
  async get(userId: string, id: string): Promise<BotRecord> {
    return (await this.#parts.store.bots.get(userId, id)) ?? missing();
  }

  /** Changes name or settings of a bot that is not at work. Throws AppError `bot_running` besides what {@link create} throws for settings. */
  async update(
    userId: string,
    id: string,
    given: {
      readonly name?: string | undefined;
      readonly config?: unknown;
      readonly actions?: ActionRules | null | undefined;
      /** Instead of settings and rules: the version that has them. */
      readonly configVersion?: number | undefined;
    },
  ): Promise<BotRecord> {
    const { store, accounts, clock } = this.#parts;
    const bot = await this.get(userId, id);
    const change = given.configVersion === undefined ? given : { ...given, ...(await settingsOfVersion(store.bots, userId, id, given.configVersion)) };
    if (isAtWork(bot)) throw busy(bot);
    const account = await accounts.get(userId, bot.accountId);
    const { settings, rules } = splitConfig(bot.config);
    const wished = { config: change.config ?? settings, actions: change.actions === undefined ? rules : change.actions };
    const isNew = change.config !== undefined || change.actions !== undefined;
    const config = isNew ? (await this.#plan(userId, { ...bot, ...wished }, account.exchange)).plan.config : undefined;
    const updated = await store.bots.update(userId, id, {
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(config === undefined ? {} : { config }),
      at: clock.now(),
    });
    if (updated === 'busy') throw busy(await this.get(userId, id));
    return updated ?? missing();
  }

  /** Every version of its settings, the newest first. Throws AppError `not_found`. */
  async configs(userId: string, id: string, page: PageRequest): Promise<Page<BotConfig>> {
    await this.get(userId, id);
    return await this.#parts.store.bots.configs(userId, id, page);
  }

  /** Throws AppError `bot_running` unless the bot is stopped or in error and its orders are over. */
  async remove(userId: string, id: string): Promise<void> {
    const bot = await this.get(userId, id);
    if (isAtWork(bot)) throw busy(bot);
    const outcome = await this.#parts.store.bots.remove(userId, id, this.#parts.clock.now());
    if (outcome === 'missing') missing();
    if (outcome === 'removed') return;
    const present = await this.get(userId, id);
    throw isAtWork(present) ? busy(present) : new AppError('bot_running', 'Orders of the bot are not over yet; cancel them or wait for their end.');
  }

  /** Notes the wish and wakes the runner. Throws AppError `bot_state_conflict` naming the state where the action makes no sense, or `trading_killed`. */
  async act(userId: string, id: string, action: BotAction): Promise<BotRecord> {
    const { store, clock, bus } = this.#parts;
    const bot = await this.get(userId, id);
    const status = visibleStatus(bot);
    if (!ALLOWED[action].includes(status))
      throw new AppError('bot_state_conflict', `The bot is ${status}; ${action} is possible when it is ${ALLOWED[action].join(', ')}.`);
    if (action === 'start' && (await store.operations.observing()) !== null)
      throw new AppError('observe_only', 'This installation observes only, so no bot may start.');
    if (action === 'start' && (await store.killSwitch.isOn(userId))) throw new AppError('trading_killed', 'The kill switch is on, so no bot may start.');
    const updated = (await store.bots.setDesired(userId, id, WISHES[action], clock.now())) ?? missing();
    bus.publish('bot_commands', { botId: id, strategy: bot.strategy });
    return updated;
  }

  /**
   * Tells a running bot to do something its strategy has declared, and wakes the runner. Throws AppError `not_found`,
   * `validation_failed` naming `name` or `params.<setting>`, or `bot_state_conflict` when it is not running or too many wait.
   */
  command(userId: string, id: string, name: string, params: unknown): Promise<StoredCommand> {
    return this.#give(userId, id, name, params, { commandId: this.#parts.ids.next(), isDeed: true });
  }

  /** The same under an id of the caller's; `false` when a command of that id was given before, and then nothing is done. */
  async commandOnce(userId: string, id: string, name: string, params: unknown, commandId: string): Promise<boolean> {
    return await this.#once(() => this.#give(userId, id, name, params, { commandId, isDeed: true }));
  }

  /**
   * What a running bot hears of the world beside its market, under an id of the caller's and as nobody's deed; `false` when it was told
   * under that id before. Throws what {@link command} throws.
   */
  async tellOnce(userId: string, id: string, name: string, params: unknown, commandId: string): Promise<boolean> {
    return await this.#once(() => this.#give(userId, id, name, params, { commandId, isDeed: false }));
  }

  async #once(give: () => Promise<unknown>): Promise<boolean> {
    try {
      await give();
      return true;
    } catch (error) {
      if (error instanceof PortError && error.code === 'store_conflict') return false;
      throw error;
    }
  }

  /** Names of what the bot may be told while it runs. Throws AppError `not_found`, `strategy_unknown`. */
  async commandsOf(userId: string, id: string): Promise<readonly string[]> {
    const { strategy } = await this.#strategyOf(userId, (await this.get(userId, id)).strategy);
    return Object.keys(strategy.commands ?? {});
  }

  async #give(
    userId: string,
    id: string,
    name: string,
    params: unknown,
    { commandId, isDeed }: { readonly commandId: string; readonly isDeed: boolean },
  ): Promise<StoredCommand> {
    const { store, clock, bus } = this.#parts;
    const bot = await this.get(userId, id);
    const checked = checkedCommand((await this.#strategyOf(userId, bot.strategy)).strategy, name, params);
    if (visibleStatus(bot) !== 'running') throw notRunning(bot);
    const command: StoredCommand = { commandId, botId: id, name, params: checked };
    if (!(await store.commands.request({ ...command, userId, at: clock.now(), isDeed })))
      throw new AppError('bot_state_conflict', 'Too many commands of this bot wait to be carried out; try again when they are.');
    bus.publish('bot_commands', { botId: id, strategy: bot.strategy });
    return command;
  }

  /**
   * What a command would do at the price its run saw last; gives nothing. Throws what {@link command} throws, and `validation_failed`
   * for what the strategy has against it, or where it shows nothing of this command.
   */
  async previewCommand(userId: string, id: string, name: string, given: unknown): Promise<CommandPreview> {
    const bot = await this.get(userId, id);
    const params = checkedCommand((await this.#strategyOf(userId, bot.strategy)).strategy, name, given);
    const run = await this.#parts.store.runs.latest(userId, id);
    if (visibleStatus(bot) !== 'running' || run?.state == null) throw notRunning(bot);
    return { name, params, preview: previewCommand(this.#parts.strategies, run, name, params) };
  }

  /** The plan, and the strategy's name with the version pinned where it has one. */
  async #plan(userId: string, sketch: BotSketch, exchange: string): Promise<{ readonly plan: BotPlan; readonly strategy: string }> {
    const { strategy, ask } = await this.#strategyOf(userId, sketch.strategy);
    if (exchange === 'paper' && sketch.mode === 'live')
      throw new AppError('validation_failed', 'mode must be paper on a paper account', [
        { field: 'mode', message: 'must be "paper" on a paper account; nothing there is live' },
      ]);
    const plan = await planBot(strategy, tradingVenue(this.#parts.venues, sketch.mode, exchange), sketch.symbol, sketch.config, sketch.actions, ask);
    return { plan, strategy: strategy.name };
  }

  async #strategyOf(userId: string, name: string): Promise<{ readonly strategy: Strategy; readonly ask?: (question: PlanQuestion) => Promise<Strategy> }> {
    const { own, strategies } = this.#parts;
    const pinned = own === undefined ? null : await own.find(userId, name);
    if (own === undefined || pinned === null) return { strategy: strategyNamed(strategies, name) };
    return { strategy: own.describe(pinned), ask: (question) => own.planned(pinned, question) };
  }

  async #exchangeOf(userId: string, input: { readonly accountId?: string | undefined; readonly exchange?: string | undefined }): Promise<string> {
    if ((input.accountId === undefined) === (input.exchange === undefined))
      throw new AppError('validation_failed', 'Give either account_id or exchange.', [
        { field: 'account_id', message: 'is required unless exchange is given; both together are ambiguous' },
      ]);
    if (input.accountId === undefined) return this.#parts.accounts.venue(input.exchange ?? '').id;
    const account = await this.#parts.store.accounts.get(userId, input.accountId);
    if (account === null)
      throw new AppError('validation_failed', 'account_id is not one of your exchange accounts', [
        { field: 'account_id', message: 'is not one of your exchange accounts' },
      ]);
    return account.exchange;
  }

  async #placeOf(userId: string, input: NewBot): Promise<Place> {
    if (input.accountId !== undefined) {
      const { exchange } = await this.#parts.accounts.get(userId, input.accountId);
      const isKeyGiven = input.apiKey !== undefined || input.apiSecret !== undefined || input.passphrase !== undefined;
      if (isKeyGiven)
        throw new AppError('validation_failed', 'Keys are given with exchange, not with account_id.', [
          { field: 'api_key', message: 'is not used with account_id; the account has its keys' },
        ]);
      return { exchange, accountId: input.accountId, newAccount: undefined };
    }
    const exchange = input.exchange ?? '';
    const prepared = await this.#parts.accounts.prepare(userId, { ...input, exchange, name: input.name });
    if ('existing' in prepared) return { exchange, accountId: prepared.existing.id, newAccount: undefined };
    return { exchange, accountId: prepared.account.id, newAccount: prepared.account };
  }
}
