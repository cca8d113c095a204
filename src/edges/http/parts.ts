/**
 * What the HTTP edge is built from; the api role plugs adapters in, tests plug in what they like.
 */

import type { BacktestBench } from '#app/backtest/backtest-task.ts';
import type { Backtests } from '#app/backtest/backtests.ts';
import type { BotHistory } from '#app/bots/bot-stats.ts';
import type { Bots } from '#app/bots/bots.ts';
import type { Checks } from '#app/honesty/checks.ts';
import type { JobOffice } from '#app/jobs/job-office.ts';
import type { MailAddresses } from '#app/notices/mail-addresses.ts';
import type { Notices } from '#app/notices/notices.ts';
import type { Optimizations } from '#app/optimize/optimizations.ts';
import type { Orders } from '#app/orders/orders.ts';
import type { OwnStrategies } from '#app/own-strategies/own-strategies.ts';
import type { Accounts } from '#app/people/accounts.ts';
import type { ThrottleLimits } from '#app/people/login-throttle.ts';
import type { RegistrationMode, Users } from '#app/people/users.ts';
import type { Plans } from '#app/plans/plans.ts';
import type { SignalBots } from '#app/signal-bots/signal-bots.ts';
import type { SignalViews } from '#app/signal-views/signal-views.ts';
import type { ActorScope } from '#core/audit.ts';
import type { ChatBot } from '#core/chats/bot-identity.ts';
import type { HealthReport } from '#core/health.ts';
import type { CandleHistory } from '#core/history.ts';
import type { Jobs } from '#core/jobs.ts';
import type { Metrics } from '#core/metrics.ts';
import type { Channel } from '#core/notices/channel.ts';
import type { ChannelName } from '#core/notices/notice.ts';
import type { Bus, Clock, Ids, Log, Passwords, Vault } from '#core/ports.ts';
import type { RequestCounter } from '#core/request-counter.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Tracing } from '#core/tracing.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { RequestLimits, RequestQuotas } from './request-limits.ts';

/** The figures of this process as text. */
export interface Exposition {
  readonly contentType: string;
  read(): Promise<string>;
}

/** Looks at what the server depends on; never fails and takes two seconds at most. */
export interface HealthSource {
  /** `vital`: only what nothing can be served without. */
  read(scope: 'vital' | 'all'): Promise<HealthReport>;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** How much this process logs, changeable while it runs. */
export interface LogLevelSwitch {
  get(): LogLevel;
  set(level: LogLevel): void;
}

export interface HttpParts {
  readonly store: Store;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Users' own strategies; without them there are none. */
  readonly own?: OwnStrategies | undefined;
  /** Candles of the past. */
  readonly candleHistory: CandleHistory;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly bus: Bus;
  readonly vault: Vault;
  readonly passwords: Passwords;
  /** Shared with the store, which notes who acts. */
  readonly actors: ActorScope;
  /** Opened at the first use. */
  readonly jobs: () => Promise<Jobs>;
  readonly bench: BacktestBench;
  /** Channels of notices that are set up; none without it. */
  readonly channels?: readonly ChannelName[];
  /** Sends the codes by which addresses of e-mail are confirmed; without it there are only those of registration. */
  readonly mail?: Pick<Channel, 'send'> | null;
  /** What browsers know this installation by; without it they cannot be told. */
  readonly webPushKey?: () => Promise<string>;
  readonly log: Log;
  /** Signs access tokens; at least 32 characters. */
  readonly jwtSecret: string;
  /** Shared with whoever takes payments; without it no notices of payments are taken. */
  readonly paymentSecret?: string | null;
  readonly version: string;
  /** When the process started, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Roles this process runs, shown on the first page. */
  readonly roles: readonly string[];
  readonly databaseKind: 'embedded' | 'server';
  /** Whether the server listens on this machine only. */
  readonly isLoopback: boolean;
  /** Of pages besides our own that may open sockets. */
  readonly origins?: readonly string[];
  /** Addresses and ranges of reverse proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  /** Who may register besides the owner; `null` is open to this machine and by invitation to others. */
  readonly registration: RegistrationMode | null;
  readonly requestCounter: RequestCounter;
  readonly limits?: Partial<HttpLimits>;
  /** Without it the database is the only dependency looked at. */
  readonly health?: HealthSource;
  readonly metrics?: Metrics;
  readonly tracing?: Tracing;
  /** Without it there is no path for figures. */
  readonly exposition?: Exposition;
  /** Opens figures and details of health from other machines, and nothing else. */
  readonly watchToken?: string | null;
  readonly logLevel?: LogLevelSwitch;
  /** Without it nobody can link a Telegram chat. */
  readonly chatBot?: ChatBot | null;
}

export interface HttpLimits {
  /** Those that are to be others than usual. */
  readonly requestsPerMinute: Partial<RequestQuotas>;
  readonly login: ThrottleLimits;
}

/** What routes are made from. */
export interface RouteParts extends HttpParts {
  readonly paymentSecret: string | null;
  readonly plans: Plans;
  readonly signalViews: SignalViews;
  readonly signalBots: SignalBots;
  readonly requestLimits: RequestLimits;
  readonly health: HealthSource;
  readonly metrics: Metrics;
  readonly watchToken: string | null;
  readonly logLevel: LogLevelSwitch;
  readonly accessTokens: AccessTokens;
  readonly users: Users;
  readonly accounts: Accounts;
  readonly bots: Bots;
  readonly history: BotHistory;
  readonly orders: Orders;
  readonly backtests: Backtests;
  readonly checks: Checks;
  readonly optimizations: Optimizations;
  readonly jobOffice: JobOffice;
  readonly notices: Notices;
  readonly mailAddresses: MailAddresses;
}
