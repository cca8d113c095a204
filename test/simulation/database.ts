/**
 * The database of a simulated world: the rules of the real transactions around trading state, on tables in memory.
 * Each method is one transaction; a differential test holds it against PostgreSQL.
 */
import type { NewActions } from '#core/actions/action-record.ts';
import type { BotStatus, DesiredState } from '#core/bot-states.ts';
import { PortError } from '#core/errors.ts';
import type { FactRecord, NewFact } from '#core/facts.ts';
import { Decimal, type DecimalString, decimal, plain } from '#core/money.ts';
import { isTerminal } from '#core/order.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { BotRecord, DueBot } from '#core/store/bots.ts';
import type { Commit } from '#core/store/commit.ts';
import type { FillRecord } from '#core/store/fills.ts';
import type { Lease } from '#core/store/leases.ts';
import type { NewOrder, OrderChange, OrderRecord } from '#core/store/orders.ts';
import type { LeaseStanding, RunnerAnnouncement, RunnerRecord } from '#core/store/runners.ts';
import type { JournalEntry, RunRecord } from '#core/store/runs.ts';
import type { Store } from '#core/store/store.ts';
import { ActionTables } from './action-tables.ts';
import { Table, Transactions } from './tables.ts';

/** Rules that a planted bug may switch off. */
export interface StoreRules {
  holdsLease: boolean;
  raisesEpoch: boolean;
  expiresLeases: boolean;
  sendsOnce: boolean;
  terminalAbsorbs: boolean;
  fillsAreUnique: boolean;
  obeysKillSwitch: boolean;
  keepsBudget: boolean;
  setsClaimsAside: boolean;
  keepsSequence: boolean;
}

interface LeaseRow {
  readonly owner: string;
  readonly epoch: number;
  readonly expiresAt: number;
}

/** With the key and the text of the request that made it, where it was placed by hand. */
type StoredOrder = OrderRecord & { readonly idempotency: Idempotency };
type Idempotency = { readonly key: string; readonly request: string } | null;
type StoredFill = FillRecord & { readonly runId: string | null };
type Amounts = readonly { readonly asset: string; readonly amount: DecimalString }[];
type NewRun = Parameters<Store['bots']['beginRun']>[1];

/** What the database tells of what has become durable. */
export interface DatabaseWatch {
  onOrder(before: OrderRecord | null, after: OrderRecord): void;
  onFill(fill: FillRecord): void;
  /** `epoch` of the lease under which the order was committed to be sent. */
  onSubmitting(order: OrderRecord, lease: Lease): void;
  onRunBegun(run: RunRecord): void;
  onRunEnded(run: RunRecord): void;
}

export class Database {
  readonly rules: StoreRules = {
    holdsLease: true,
    raisesEpoch: true,
    expiresLeases: true,
    sendsOnce: true,
    terminalAbsorbs: true,
    fillsAreUnique: true,
    obeysKillSwitch: true,
    keepsBudget: true,
    setsClaimsAside: true,
    keepsSequence: true,
  };
  readonly #now: () => number;
  readonly #watch: DatabaseWatch;
  readonly #transactions = new Transactions();
  readonly accounts = new Table<AccountRecord & { readonly orderSequence: number }>(this.#transactions);
  readonly bots = new Table<BotRecord>(this.#transactions);
  readonly runs = new Table<RunRecord & { readonly needs: Amounts; readonly flows: Readonly<Record<string, DecimalString>> }>(this.#transactions);
  /** Tapes by run, each line as JSON. */
  readonly journal = new Table<readonly string[]>(this.#transactions);
  readonly orders = new Table<StoredOrder>(this.#transactions);
  readonly actions = new ActionTables(this.#transactions);
  readonly fills = new Table<StoredFill>(this.#transactions);
  readonly facts = new Table<FactRecord>(this.#transactions);
  readonly leases = new Table<LeaseRow>(this.#transactions);
  readonly killSwitches = new Table<boolean>(this.#transactions);
  readonly runners = new Table<RunnerAnnouncement & { readonly expiresAt: number }>(this.#transactions);
  /** Epochs whose owner gave the lease up by itself, as `subject epoch`. */
  readonly released = new Set<string>();
  #fillCount = 0;
  #news: (() => void)[] = [];

  /** `now` is the database's own clock. */
  constructor(now: () => number, watch: DatabaseWatch) {
    this.#now = now;
    this.#watch = watch;
  }

  /** What it changes is told once all of it is durable. */
  transaction<Result>(work: () => Result): Result {
    this.#news = [];
    const result = this.#transactions.run(work);
    for (const tell of this.#news.splice(0)) tell();
    return result;
  }

  acquire(subject: string, owner: string, ttlMs: number): Lease | null {
    const row = this.leases.get(subject);
    const now = this.#now();
    if (row !== undefined && row.owner !== owner && row.expiresAt > now && this.rules.expiresLeases) return null;
    const epoch = row === undefined ? 1 : this.rules.raisesEpoch ? row.epoch + 1 : row.epoch;
    // Whoever takes its own again has given the former up.
    if (row?.owner === owner) this.released.add(`${subject} ${row.epoch}`);
    this.leases.put(subject, { owner, epoch, expiresAt: now + ttlMs });
    return { subject, owner, epoch };
  }

  renew(lease: Lease, ttlMs: number): boolean {
    if (!this.#isHeld(lease)) return false;
    this.leases.put(lease.subject, { owner: lease.owner, epoch: lease.epoch, expiresAt: this.#now() + ttlMs });
    return true;
  }

  release({ subject, owner, epoch }: Lease): void {
    const row = this.leases.get(subject);
    if (row?.owner !== owner || row.epoch !== epoch) return;
    this.leases.put(subject, { owner: '', epoch, expiresAt: this.#now() });
    this.released.add(`${subject} ${epoch}`);
  }

  holdLease(lease: Lease): void {
    if (this.rules.holdsLease && !this.#isHeld(lease))
      throw new PortError('lease_lost', `${lease.subject} is not held any more (epoch ${lease.epoch})`, { outcome: 'failed' });
  }

  #isHeld({ subject, owner, epoch }: Lease): boolean {
    const row = this.leases.get(subject);
    return row !== undefined && row.owner === owner && row.epoch === epoch && row.expiresAt > this.#now();
  }

  isKilled(userId: string): boolean {
    return this.killSwitches.get('') === true || this.killSwitches.get(userId) === true;
  }

  setStatus(botId: string, status: BotStatus, reason: string, at: number): void {
    const bot = this.bots.get(botId);
    if (bot !== undefined) this.bots.put(botId, { ...bot, status, statusReason: reason, updatedAt: at });
  }

  setDesired(userId: string, id: string, desired: DesiredState, at: number): BotRecord | null {
    const bot = this.bots.get(id);
    if (bot === undefined || bot.userId !== userId) return null;
    const isRetry = desired === 'running' && bot.status === 'error';
    const next: BotRecord = { ...bot, desired, updatedAt: at, ...(isRetry ? { status: 'starting', statusReason: '' } : {}) };
    this.bots.put(id, next);
    return next;
  }

  dueBots(which: 'all' | 'restless'): readonly DueBot[] {
    const isDue = ({ desired, status }: BotRecord): boolean => {
      if (desired === 'running') return status !== 'error';
      if (desired === 'paused') return status !== 'paused' && status !== 'error';
      return status !== 'stopped';
    };
    return this.bots
      .values()
      .filter(isDue)
      .map((bot) => ({ ...bot, lease: this.#standing(`bot:${bot.id}`) }))
      .filter(({ desired, status, lease }) => which === 'all' || desired !== 'running' || status !== 'running' || lease?.isLive !== true);
  }

  #standing(subject: string): LeaseStanding | null {
    const row = this.leases.get(subject);
    return row === undefined || row.owner === '' ? null : { owner: row.owner, isLive: row.expiresAt > this.#now() };
  }

  beat(runner: RunnerAnnouncement, ttlMs: number): readonly RunnerRecord[] {
    this.runners.put(runner.id, { ...runner, expiresAt: this.#now() + ttlMs });
    return this.liveRunners();
  }

  leaveRunner(id: string): void {
    const row = this.runners.get(id);
    if (row !== undefined) this.runners.put(id, { ...row, expiresAt: this.#now() });
  }

  liveRunners(): readonly RunnerRecord[] {
    const held = (owner: string, kind: string): number =>
      [...this.bots.values(), ...this.accounts.values()].filter(({ id }) => {
        const lease = this.#standing(`${kind}:${id}`);
        return lease?.isLive === true && lease.owner === owner;
      }).length;
    return this.runners
      .values()
      .filter((row) => row.expiresAt > this.#now())
      .sort((one, other) => (one.id < other.id ? -1 : 1))
      .map(({ expiresAt, ...runner }) => ({ ...runner, startedAt: 0, seenAt: expiresAt, bots: held(runner.id, 'bot'), accounts: held(runner.id, 'account') }));
  }

  dueAccounts(): Awaited<ReturnType<Store['stewardship']['due']>> {
    return this.accounts
      .values()
      .filter(
        (account) =>
          this.orders.values().some((order) => order.accountId === account.id && !isTerminal(order.state)) ||
          this.actions.aliveOf(account.id).length > 0 ||
          this.runs.values().some((run) => run.accountId === account.id && run.endedAt === null),
      )
      .map((account) => ({
        userId: account.userId,
        account,
        lease: this.#standing(`account:${account.id}`),
        hasOrders:
          this.orders.values().some((order) => order.accountId === account.id && order.runId === null && !isTerminal(order.state)) ||
          this.actions.aliveOf(account.id).length > 0,
      }));
  }

  beginRun(lease: Lease, run: NewRun, available: Amounts): Awaited<ReturnType<Store['bots']['beginRun']>> {
    this.holdLease(lease);
    const claims = this.rules.setsClaimsAside ? this.#claims(run.accountId) : [];
    for (const asset of new Set(run.needs.map((need) => need.asset))) {
      const missing = sumOf(run.needs, asset).plus(sumOf(claims, asset)).minus(sumOf(available, asset));
      if (sumOf(run.needs, asset).gt(0) && missing.gt(0)) return { outcome: 'short', asset, missing: plain(missing) };
    }
    if (this.runs.values().some((other) => other.botId === run.botId && other.endedAt === null)) throw conflict('the last run of the bot is open');
    const { id, userId, botId, accountId, recipe, needs, at } = run;
    this.runs.put(id, { id, userId, botId, accountId, recipe, sequence: 0, state: null, startedAt: at, endedAt: null, endReason: null, needs, flows: {} });
    const bot = this.bots.get(botId);
    if (bot === undefined) throw conflict('the bot is not there any more');
    this.bots.put(botId, { ...bot, runId: id, updatedAt: at });
    this.#news.push(() => this.#watch.onRunBegun(this.runs.get(id) ?? fail(id)));
    return { outcome: 'begun' };
  }

  #claims(accountId: string): Amounts {
    const claims: { asset: string; amount: DecimalString }[] = [];
    for (const run of this.runs.values()) {
      if (run.accountId !== accountId || run.endedAt !== null) continue;
      const assets = new Set([...run.needs.map((need) => need.asset), ...Object.keys(run.flows)]);
      for (const asset of assets) claims.push({ asset, amount: plain(Decimal.max(0, sumOf(run.needs, asset).plus(run.flows[asset] ?? '0'))) });
    }
    for (const order of this.orders.values()) {
      if (order.accountId !== accountId || order.runId !== null || isTerminal(order.state) || (order.side === 'buy' && order.price === null)) continue;
      const rest = decimal(order.size).minus(order.filledSize);
      const [base = '', quote = ''] = order.symbol.split('/');
      claims.push(order.side === 'buy' ? { asset: quote, amount: plain(rest.times(order.price ?? '0')) } : { asset: base, amount: plain(rest) });
    }
    return claims;
  }

  /** The transaction around trading state. */
  commit(commit: Commit): void {
    this.holdLease(commit.lease);
    const { lease, accountId, botId, userId } = commit;
    if (lease.subject !== `account:${accountId}` && lease.subject !== `bot:${botId ?? ''}`) throw new Error(`a commit came with the lease of ${lease.subject}`);
    const isPlacing = commit.newOrders.some((order) => order.state === 'submitting') || commit.orderChanges.some((change) => change.state === 'submitting');
    if (isPlacing && this.rules.obeysKillSwitch && this.isKilled(userId)) throw new PortError('trading_killed', 'a kill switch is on', { outcome: 'failed' });
    if (commit.run !== null) this.#advance(commit, commit.run);
    for (const order of commit.newOrders) this.#insert(order, commit);
    this.#change(commit);
    for (const fill of commit.fills) this.#fill(fill, commit);
    for (const advance of commit.actions ?? [])
      if (!this.actions.advance(advance, userId, accountId))
        throw conflict(`the actions of order ${advance.orderId} do not go on with step ${advance.steps[0]?.sequence ?? 0}`);
    this.#assertWithinBudget(commit);
    for (const fact of commit.facts) this.addFact(fact);
    if (commit.status !== null && botId !== null) this.setStatus(botId, commit.status.status, commit.status.reason, commit.at);
  }

  #advance({ botId, at }: Commit, step: NonNullable<Commit['run']>): void {
    const run = this.runs.get(step.id);
    if (run === undefined || run.botId !== botId) throw conflict(`there is no run ${step.id} of this bot`);
    if (run.endedAt !== null) throw conflict(`run ${run.id} has ended`);
    for (const [index, entry] of step.entries.entries())
      if (this.rules.keepsSequence && entry.sequence !== run.sequence + 1 + index)
        throw conflict(`the journal goes on with ${run.sequence + 1 + index}, not with ${entry.sequence}`);
    this.journal.put(run.id, [...(this.journal.get(run.id) ?? []), ...step.entries.map((entry) => JSON.stringify(entry))]);
    const state = JSON.parse(JSON.stringify(step.state)) as RunRecord['state'];
    const next = { ...run, sequence: run.sequence + step.entries.length, state, endedAt: step.end?.at ?? null, endReason: step.end?.reason ?? null };
    this.runs.put(run.id, next);
    if (step.end === null) return;
    const bot = this.bots.get(run.botId);
    if (bot !== undefined) this.bots.put(bot.id, { ...bot, desired: 'stopped', updatedAt: at });
    this.#news.push(() => this.#watch.onRunEnded(next));
  }

  #insert(order: NewOrder, { userId, accountId, botId, run, at, lease }: Commit): void {
    if (order.userId !== userId || order.accountId !== accountId || order.botId !== botId || order.runId !== (run?.id ?? null))
      throw conflict(`order ${order.clientOrderId} does not belong to its commit`);
    this.insertOrder(order, null, at);
    if (order.state === 'submitting') this.#news.push(() => this.#watch.onSubmitting(this.#order(order.clientOrderId), lease));
  }

  insertOrder(order: NewOrder, idempotency: Idempotency, at: number, actions: NewActions | null = null): OrderRecord {
    if (this.orders.get(order.clientOrderId) !== undefined) throw conflict(`order ${order.clientOrderId} is there already`);
    const { reduceOnly = false, parentOrderId = null } = order;
    const nothingYet = { filledSize: '0', filledQuote: '0', venueOrderId: null, cancelRequestedAt: null } as const;
    const row: StoredOrder = { ...order, reduceOnly, parentOrderId, ...nothingYet, updatedAt: at, idempotency };
    this.orders.put(order.clientOrderId, row);
    if (actions !== null) this.actions.insert(row, actions);
    this.#news.push(() => this.#watch.onOrder(null, row));
    return row;
  }

  #order(clientOrderId: string): StoredOrder {
    const order = this.orders.get(clientOrderId);
    if (order === undefined) throw conflict(`order ${clientOrderId} is not known`);
    return order;
  }

  #change({ orderChanges, accountId, at, lease }: Commit): void {
    const merged = new Map<string, OrderChange>();
    for (const change of orderChanges) merged.set(change.clientOrderId, { ...merged.get(change.clientOrderId), ...withoutWish(change) });
    for (const change of merged.values()) {
      const order = this.#order(change.clientOrderId);
      const { state } = change;
      const isOver = isTerminal(order.state) && this.rules.terminalAbsorbs;
      const isAllowed = state === undefined || (state === order.state && state !== 'submitting') || !isOver;
      const isFirstSend = state !== 'submitting' || order.state === 'initialized' || !this.rules.sendsOnce;
      if (order.accountId !== accountId || !isAllowed || !isFirstSend)
        throw conflict(`order ${change.clientOrderId} is unknown on this account, over, or already sent`);
      const cancelRequestedAt = order.cancelRequestedAt ?? change.cancelRequestedAt ?? null;
      const after: StoredOrder = { ...order, ...change, cancelRequestedAt, updatedAt: at };
      this.orders.put(order.clientOrderId, after);
      this.#news.push(() => this.#watch.onOrder(order, after));
      if (state === 'submitting') this.#news.push(() => this.#watch.onSubmitting(after, lease));
    }
  }

  #fill(fill: Commit['fills'][number], { accountId, at }: Commit): void {
    const order = this.orders.get(fill.clientOrderId);
    if (order === undefined || order.accountId !== accountId || order.symbol !== fill.symbol || order.side !== fill.side)
      throw conflict(`fill ${fill.tradeId} is of no order of this account`);
    let key = `${accountId} ${fill.symbol} ${fill.tradeId}`;
    if (this.fills.get(key) !== undefined) {
      if (this.rules.fillsAreUnique) throw conflict(`fill ${fill.tradeId} is in the ledger already`);
      this.#fillCount += 1;
      key = `${key} again ${this.#fillCount}`;
    }
    const row: StoredFill = { ...fill, orderId: order.id, botId: order.botId, accountId, userId: order.userId, runId: order.runId };
    this.fills.put(key, row);
    const after = {
      ...order,
      filledSize: plain(decimal(order.filledSize).plus(fill.size)),
      filledQuote: plain(decimal(order.filledQuote).plus(decimal(fill.size).times(fill.price))),
      updatedAt: at,
    };
    this.orders.put(order.clientOrderId, after);
    this.#flow(row);
    this.#news.push(() => this.#watch.onOrder(order, after));
    this.#news.push(() => this.#watch.onFill(row));
  }

  #flow(fill: StoredFill): void {
    const run = fill.runId === null ? undefined : this.runs.get(fill.runId);
    if (run === undefined) return;
    this.runs.put(run.id, { ...run, flows: addFlows(run.flows, flowsOf(fill)) });
  }

  #assertWithinBudget({ newOrders, run: step }: Commit): void {
    const first = newOrders.find((order) => order.state === 'submitting' && order.side === 'buy' && order.price !== null);
    const run = step === null ? undefined : this.runs.get(step.id);
    if (first === undefined || run === undefined || !this.rules.keepsBudget) return;
    const quote = first.symbol.split('/')[1] ?? '';
    const limit = sumOf(run.needs, quote).plus(run.flows[quote] ?? '0');
    let open = new Decimal(0);
    for (const order of this.orders.values())
      if (order.runId === run.id && order.side === 'buy' && order.price !== null && !isTerminal(order.state))
        open = open.plus(decimal(order.size).minus(order.filledSize).times(order.price));
    if (open.gt(limit)) throw conflict(`budget: the run's open buy orders come to ${plain(open)} ${quote}, its budget has ${plain(limit)} left`);
  }

  addFact(fact: NewFact): void {
    if (this.facts.get(fact.dedupeKey) === undefined) this.facts.put(fact.dedupeKey, { ...fact, id: fact.dedupeKey });
  }

  tape(runId: string): readonly JournalEntry[] {
    return (this.journal.get(runId) ?? []).map((line) => JSON.parse(line) as JournalEntry);
  }
}

/** Why a cancel is wanted is no reason of the order's end. */
function withoutWish({ reasonCode, reason, ...change }: OrderChange): OrderChange {
  const isWish = change.state === 'cancelling' || change.cancelRequestedAt !== undefined;
  return { ...change, ...(isWish || reasonCode === undefined ? {} : { reasonCode }), ...(isWish || reason === undefined ? {} : { reason }) };
}

/** What an execution adds to or takes from each asset, its fee included. */
export function flowsOf(fill: Pick<FillRecord, 'symbol' | 'side' | 'size' | 'price' | 'feeAsset' | 'feeAmount'>): Readonly<Record<string, DecimalString>> {
  const [base = '', quote = ''] = fill.symbol.split('/');
  const sign = fill.side === 'buy' ? 1 : -1;
  const flows = { [base]: plain(decimal(fill.size).times(sign)), [quote]: plain(decimal(fill.size).times(fill.price).times(-sign)) };
  return addFlows(flows, { [fill.feeAsset]: plain(decimal(fill.feeAmount).neg()) });
}

export function addFlows(a: Readonly<Record<string, DecimalString>>, b: Readonly<Record<string, DecimalString>>): Readonly<Record<string, DecimalString>> {
  const sum: Record<string, DecimalString> = { ...a };
  for (const [asset, amount] of Object.entries(b)) sum[asset] = plain(decimal(sum[asset] ?? '0').plus(amount));
  return sum;
}

function sumOf(amounts: Amounts, asset: string): Decimal {
  return amounts.reduce((sum, entry) => (entry.asset === asset ? sum.plus(decimal(entry.amount)) : sum), new Decimal(0));
}

function fail(id: string): never {
  throw conflict(`there is no run ${id}`);
}

export function conflict(message: string): PortError {
  return new PortError('store_conflict', message, { outcome: 'failed' });
}
