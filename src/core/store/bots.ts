/** Bots as the store keeps them, and the way to them: what users want and where each bot stands. */
import type { BotStatus, BotWarning, DesiredState, Mode } from '../bot-states.ts';
import type { InstrumentKind } from '../instrument.ts';
import type { DecimalString } from '../money.ts';
import type { NewAccount } from './accounts.ts';
import type { Lease } from './leases.ts';
import type { Page, PageRequest } from './page.ts';
import type { Purse, RunBeginning, RunNeed } from './perpetuals.ts';
import type { LeaseStanding } from './runners.ts';
import type { RunRecipe } from './runs.ts';

export interface BotRecord {
  readonly id: string;
  readonly number: number;
  readonly userId: string;
  readonly accountId: string;
  readonly name: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly mode: Mode;
  readonly config: Readonly<Record<string, unknown>>;
  readonly configVersion: number;
  readonly desired: DesiredState;
  readonly status: BotStatus;
  /** Why the bot stands where it does, in words; empty when there is nothing to say. */
  readonly statusReason: string;
  readonly runId: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly warning?: BotWarning | null;
}

/** The settings of a bot as they stood at one time; never changed. */
export interface BotConfig {
  readonly version: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
}

/** A bot that a runner must see to. `lease` is `null` when nobody ever held it or its last owner gave it back. */
export interface DueBot extends BotRecord {
  readonly lease: LeaseStanding | null;
}

export interface BotStore {
  /** Also writes the fact `bot_created`. With `newAccount`, which must be the bot's, both are made in one transaction or neither. */
  create(
    bot: Pick<BotRecord, 'id' | 'userId' | 'accountId' | 'name' | 'strategy' | 'symbol' | 'mode' | 'config' | 'warning'> & { readonly at: number },
    newAccount?: NewAccount,
  ): Promise<BotRecord>;
  /** How many bots of the whole installation stand in each status; names nobody. */
  countByStatus(): Promise<Readonly<Partial<Record<BotStatus, number>>>>;
  list(userId: string, page: PageRequest): Promise<Page<BotRecord>>;
  get(userId: string, id: string): Promise<BotRecord | null>;
  /** Changes name and settings of a bot that is stopped and not about to start, or in error; a new config gets the next version. `null` when missing, `busy` otherwise. */
  update(
    userId: string,
    id: string,
    change: { readonly name?: string; readonly config?: Readonly<Record<string, unknown>>; readonly at: number },
  ): Promise<BotRecord | 'busy' | null>;
  /** Every version of a bot's settings, the newest first; none of a bot that is not this user's. */
  configs(userId: string, id: string, page: PageRequest): Promise<Page<BotConfig>>;
  /** One version of them, or `null`. */
  config(userId: string, id: string, version: number): Promise<BotConfig | null>;
  remove(userId: string, id: string, at: number): Promise<'removed' | 'busy' | 'missing'>;
  /** Sets what the user wants; the runner is woken by the bus. Wanting a bot in error to run sets its status to `starting`, so that it is due again. */
  setDesired(userId: string, id: string, desired: DesiredState, at: number): Promise<BotRecord | null>;
  /**
   * Bots for the runner: those that must run, and those whose wish is not met yet. Not due: wanted running or paused but in
   * error (until the user wants it again), wanted paused and paused, wanted stopped or panicked and stopped. `restless` leaves
   * out those that run as they should: wanted running, running, under a live lease. Not reachable by users.
   */
  due(which?: 'all' | 'restless'): Promise<readonly DueBot[]>;
  /** Status written by the runner outside a commit, such as an error before the first event. Guarded by the lease. */
  setStatus(lease: Lease, botId: string, status: BotStatus, reason: string, at: number): Promise<void>;
  /**
   * Begins a run in one transaction: locks the account, checks that what its open runs may still use (promised, plus or
   * minus what their fills have moved), what orders placed by hand hold back, and this run's needs together fit `available`
   * (free and locked in sum), stores the recipe. `short` names what is missing. `store_conflict` while the bot's last run is open.
   * `occupied` names the bot whose open run trades the same perpetual on the account: there is one position for both.
   */
  beginRun(
    lease: Lease,
    run: {
      readonly id: string;
      readonly botId: string;
      readonly userId: string;
      readonly accountId: string;
      readonly recipe: RunRecipe;
      readonly needs: readonly RunNeed[];
      /** Only what is claimed for instruments of this kind counts, where the venue keeps wallets apart; all of it without this. */
      readonly wallet?: InstrumentKind;
      /** What it claims beside, of wallets that are apart from that one. */
      readonly otherPurses?: readonly Purse[];
      readonly at: number;
    },
    available: readonly { readonly asset: string; readonly amount: DecimalString }[],
  ): Promise<RunBeginning>;
}

export interface KillSwitch {
  /** `null` for the whole installation. */
  set(userId: string | null, isOn: boolean, reason: string, at: number): Promise<void>;
  isOn(userId: string): Promise<boolean>;
  /** Those of these users for whom a switch is on, their own or the installation's. */
  onAmong(userIds: readonly string[]): Promise<ReadonlySet<string>>;
}
