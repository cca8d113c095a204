/**
 * The store port: what is kept for ever, and the one transaction around trading state. PostgreSQL is the only truth.
 * Every method a user can reach takes the user's id, so that nobody can reach another's rows: what is not yours is
 * `null`. All methods may throw PortError `store_unavailable`. Times are milliseconds since 1970; amounts are decimals.
 */
import type { AuditLog } from '../audit.ts';
import type { OwnerKind } from '../client-order-id.ts';
import type { FactStore } from '../facts.ts';
import type { SubscriptionStore } from '../plans/subscription-store.ts';
import type { QuoteStore } from '../quotes/market-quote.ts';
import type { ProgramStore } from '../sandbox/program-store.ts';
import type { SignalChoiceStore } from '../signals/choices.ts';
import type { NetworkSourceStore } from '../signals/network-sources.ts';
import type { SignalStore } from '../signals/signal-store.ts';
import type { SignalTellingStore } from '../signals/telling.ts';
import type { AccountStore, Stewardship } from './accounts.ts';
import type { BacktestStore } from './backtests.ts';
import type { BotRecord, BotStore, KillSwitch } from './bots.ts';
import type { CheckStore } from './checks.ts';
import type { CommandStore } from './commands.ts';
import type { Commit } from './commit.ts';
import type { FillStore } from './fills.ts';
import type { LeaseStore } from './leases.ts';
import type { LiveStore } from './live.ts';
import type { NoticeStore } from './notices.ts';
import type { Operations } from './operations.ts';
import type { OptimizationStore } from './optimizations.ts';
import type { ActionStore, OrderRecord, OrderStore } from './orders.ts';
import type { RefreshTokenStore, SocketTicketStore, UserStore } from './people.ts';
import type { FundingStore } from './perpetuals.ts';
import type { ReachStores } from './reach.ts';
import type { Runners } from './runners.ts';
import type { RunStore } from './runs.ts';
import type { Upkeep } from './upkeep.ts';

export interface Store extends ReachStores {
  /** Number of this installation, made once; below 2^25. */
  installation(): Promise<number>;
  ping(): Promise<void>;
  close(): Promise<void>;

  readonly users: UserStore;

  readonly refreshTokens: RefreshTokenStore;
  readonly socketTickets: SocketTicketStore;

  readonly accounts: AccountStore;

  readonly bots: BotStore;

  readonly runs: RunStore;

  /** The transaction around trading state. */
  commit(commit: Commit): Promise<void>;

  readonly orders: OrderStore;

  /** What users tell their running bots to do. */
  readonly commands: CommandStore;

  /** Strategies that users have written themselves. */
  readonly programs: ProgramStore;

  readonly actions: ActionStore;

  readonly fills: FillStore;

  readonly funding: FundingStore;

  readonly leases: LeaseStore;

  readonly facts: FactStore;

  readonly notices: NoticeStore;

  readonly stewardship: Stewardship;

  readonly runners: Runners;
  readonly operations: Operations;
  readonly upkeep: Upkeep;
  readonly backtests: BacktestStore;
  readonly checks: CheckStore;
  readonly optimizations: OptimizationStore;
  readonly signals: SignalStore;
  readonly audit: AuditLog;
  readonly subscriptions: SubscriptionStore;
  readonly live: LiveStore<BotRecord, OrderRecord>;
  readonly signalChoices: SignalChoiceStore;
  readonly signalTellings: SignalTellingStore;
  readonly networkSources: NetworkSourceStore;
  readonly quotes: QuoteStore;

  readonly killSwitch: KillSwitch;
}

/** The lease subject of a bot or an account. */
export function leaseSubject(kind: OwnerKind, id: string): string {
  return `${kind}:${id}`;
}
