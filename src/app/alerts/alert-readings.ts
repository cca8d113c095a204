/** Figures of alerts that nobody pushes: funding, balances and the profit of bots, each asked for once however many alerts it has. */
import type { AlertRecord } from '#core/alerts/alert-store.ts';
import { AppError } from '#core/errors.ts';
import { type Decimal, decimal } from '#core/money.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { BotHistory } from '../bots/bot-stats.ts';
import type { Accounts } from '../people/accounts.ts';
import type { AlertNames } from './alert-fact.ts';

/** Questions under way at once. */
const AT_ONCE = 8;

export interface AlertReadingsParts {
  readonly store: Pick<Store, 'alerts' | 'bots' | 'accounts'>;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly accounts: Accounts;
  readonly history: BotHistory;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Reading {
  /** Of the alert. */
  readonly id: string;
  readonly value: Decimal;
  readonly names: AlertNames;
  /** Of whose profit it is; profits of different runs do not compare. */
  readonly run?: string;
}

export class AlertReadings {
  readonly #parts: AlertReadingsParts;

  constructor(parts: AlertReadingsParts) {
    this.#parts = parts;
  }

  /** Hands on what could be read. An alert on what is not there any more is switched off; what cannot be read now is left for the next time. */
  async read(alerts: readonly AlertRecord[], take: (reading: Reading) => void): Promise<void> {
    const groups = [...Map.groupBy(alerts, questionOf)].flatMap(([question, asking]) => (question === null ? [] : [asking]));
    for (let first = 0; first < groups.length; first += AT_ONCE) {
      await Promise.all(groups.slice(first, first + AT_ONCE).map((asking) => this.#ask(asking, take)));
    }
  }

  async #ask(alerts: readonly AlertRecord[], take: (reading: Reading) => void): Promise<void> {
    const { log, store, clock } = this.#parts;
    try {
      const answer = await this.#answer(alerts);
      for (const alert of alerts) {
        const reading = answer(alert);
        if (reading !== null) take({ id: alert.id, ...reading });
      }
    } catch (error) {
      const isGone = error instanceof AppError && error.code === 'not_found';
      if (!isGone) return log.debug({ err: error, alerts: alerts.length }, 'a figure of alerts cannot be read at present');
      for (const { id, userId } of alerts) await store.alerts.change(userId, id, { isOn: false, at: clock.now() });
    }
  }

  /** What one question says to each alert of a group. */
  async #answer(alerts: readonly AlertRecord[]): Promise<(alert: AlertRecord) => Omit<Reading, 'id'> | null> {
    const { venues, accounts, store, history } = this.#parts;
    const [first] = alerts;
    const nothing = (): null => null;
    if (first === undefined) return nothing;
    const { condition, userId } = first;
    switch (condition.kind) {
      case 'funding_beyond': {
        const funding = await venues.get(condition.exchange)?.market.perpetual?.fundingRate(condition.symbol);
        return funding === undefined ? nothing : () => ({ value: decimal(funding.rate).times(100), names: {} });
      }
      case 'balance_below': {
        const account = await accounts.get(userId, condition.accountId);
        const balances = await accounts.balances(userId, account.id);
        return (alert) => {
          const asset = alert.condition.kind === 'balance_below' ? alert.condition.asset : '';
          const held = balances.find((balance) => balance.asset === asset);
          return { value: decimal(held?.free ?? '0').plus(held?.locked ?? '0'), names: { account: account.name, asset } };
        };
      }
      case 'drawdown_above':
      case 'target_reached': {
        const bot = await store.bots.get(userId, condition.botId);
        if (bot === null) throw new AppError('not_found', 'the bot is gone');
        const { runId, totalProfit, quoteAsset } = await history.stats(bot);
        const names = { bot: bot.name, ...(quoteAsset === null ? {} : { asset: quoteAsset }) };
        return runId === null ? nothing : () => ({ value: decimal(totalProfit), names, run: runId });
      }
      default:
        return nothing;
    }
  }
}

/** The same for alerts that one question serves; `null` for those that are told by themselves. */
function questionOf({ condition, userId }: AlertRecord): string | null {
  switch (condition.kind) {
    case 'funding_beyond':
      return `funding ${condition.exchange} ${condition.symbol}`;
    case 'balance_below':
      return `balance ${userId} ${condition.accountId}`;
    case 'drawdown_above':
    case 'target_reached':
      return `bot ${userId} ${condition.botId}`;
    default:
      return null;
  }
}
