/**
 * The books of one run: events stepped through its engine, each batch of steps made durable in one commit, and only then
 * carried out.
 */
import type { Command } from '#core/commands.ts';
import type { Engine } from '#core/engine/engine.ts';
import { AppError } from '#core/errors.ts';
import type { Event, OrderEvent } from '#core/events.ts';
import { countOutcomes, type Metrics, NO_METRICS } from '#core/metrics.ts';
import type { Clock, Log } from '#core/ports.ts';
import { failureText } from '#core/sandbox/failure.ts';
import type { Commit } from '#core/store/commit.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import { NO_TRACING, type SpanAttributes, type Tracing } from '#core/tracing.ts';
import type { OrderDesk } from '../desk/order-desk.ts';
import type { OrderHolder } from '../desk/order-holder.ts';
import { type VenueMail, VenueMailReader } from '../desk/venue-mail.ts';
import type { HeldLease } from '../fleet/lease-keeper.ts';
import type { NewestQuotes } from '../legs/newest-quotes.ts';
import type { OwnRun } from '../own-strategies/own-run.ts';
import { type CommitDraft, type RunIdentity, statusOf, toOutbound } from './commit-draft.ts';
import { RunTimers } from './run-timers.ts';

/** Time the lease must outlast the venue's receive window. */
const LEASE_MARGIN_MS = 1_000;

/** What reaches a run: an event as it is, or what the venue says of its orders. */
export type Mail = { readonly kind: 'event'; readonly event: Event } | VenueMail;

export interface RunBooksParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  readonly tracing?: Tracing | undefined;
  readonly identity: RunIdentity;
  readonly engine: Engine;
  readonly quotes: NewestQuotes;
  /** The other end of a strategy that lives in a sandbox. */
  readonly own?: OwnRun | null;
  readonly held: HeldLease;
  readonly desk: OrderDesk;
  /** Number of the last journalled event. */
  readonly sequence: number;
  /** Orders of the run that are not over, as stored. */
  readonly orders: readonly OrderRecord[];
}

/** What the run does with what comes of a step. */
export interface RunDuty {
  /** Whose orders these are, for the desk. */
  readonly holder: OrderHolder;
  /** An answer to an order, or a timer. */
  readonly post: (mail: Mail) => void;
  /** The engine has ended the run. */
  readonly onFinished: () => void;
}

export class RunBooks {
  readonly reader: VenueMailReader;
  /** Until when the venue may act on each order, by ClientOrderId. */
  readonly deadlines = new Map<string, number>();
  /** ClientOrderIds by the venue's. */
  readonly venueIds = new Map<string, string>();
  readonly #parts: RunBooksParts;
  readonly #duty: RunDuty;
  readonly #engine: Engine;
  readonly #own: OwnRun | null;
  readonly #metrics: Metrics;
  readonly #tracing: Tracing;
  readonly #timers: RunTimers;
  readonly #names: SpanAttributes;
  #sequence: number;
  #lastAt = 0;
  #lastStatus = '';

  constructor(parts: RunBooksParts, duty: RunDuty) {
    this.#parts = parts;
    this.#duty = duty;
    this.#engine = parts.engine;
    this.#own = parts.own ?? null;
    this.#metrics = parts.metrics ?? NO_METRICS;
    this.#tracing = parts.tracing ?? NO_TRACING;
    this.#names = { run_id: parts.identity.runId, bot_id: parts.identity.bot.id };
    this.#sequence = parts.sequence;
    this.reader = new VenueMailReader(parts.engine, parts.orders);
    this.#timers = new RunTimers(parts.clock, (name) => duty.post({ kind: 'event', event: { type: 'timerFired', at: this.stamp(), name } }));
    for (const order of parts.orders) {
      if (order.deadlineAt !== null) this.deadlines.set(order.clientOrderId, order.deadlineAt);
      if (order.venueOrderId !== null) this.venueIds.set(order.venueOrderId, order.clientOrderId);
    }
  }

  /** No timer fires any more. */
  close(): void {
    this.#timers.clearAll();
  }

  /** The newest price goes in front of whatever is decided on it, and of nothing else: the tape holds all that mattered. */
  async stepQuotes(draft: CommitDraft): Promise<void> {
    for (const event of this.#parts.quotes.untold(this.stamp())) await this.step(event, draft);
  }

  /** A strategy of the product answers within the step; one of a user's own is asked before it, and stopped when it fails. */
  async step(event: Event, draft: CommitDraft): Promise<void> {
    const own = this.#own;
    if (own === null) {
      this.#stepNow(event, draft);
      return;
    }
    const hadFailed = own.failure !== null;
    await own.prepare(event);
    own.settle(this.#stepNow(event, draft), this.#engine.state);
    if (own.failure === null || hadFailed) return;
    const reason = failureText(own.failure);
    this.#parts.log.warn({ failure: own.failure }, 'a strategy of a user was stopped');
    draft.addFact(`${this.#parts.identity.runId}:${this.#sequence}`, 'bot_error', event.at, { reason });
    this.#stepNow({ type: 'stopRequested', at: event.at, liquidation: 'keep', reason }, draft);
  }

  #stepNow(event: Event, draft: CommitDraft): readonly Command[] {
    const order = 'clientOrderId' in event ? this.#engine.orders.get(event.clientOrderId) : undefined;
    const before = order?.state;
    const commands = this.#engine.step(event);
    if (order !== undefined && order.state !== before) draft.outcomes.push({ state: order.state });
    this.#sequence += 1;
    draft.addStep(this.#sequence, event, commands, order);
    return commands;
  }

  /** Steps what a piece of mail means in the present state; nothing when it is known already. */
  async stepMail(mail: Mail, draft: CommitDraft): Promise<void> {
    const isNews = mail.kind === 'event' || this.reader.isNews(mail, this.stamp());
    if (isNews) await this.stepQuotes(draft);
    if (mail.kind === 'event') return await this.step(mail.event, draft);
    const { desk } = this.#parts;
    const reading = this.reader.read(mail, this.stamp());
    if (mail.kind === 'report') this.venueIds.set(mail.report.venueOrderId, mail.report.clientOrderId);
    if (reading.fill !== undefined) {
      this.venueIds.set(reading.fill.venueOrderId, reading.fill.clientOrderId);
      draft.fills.push(reading.fill);
      if (reading.fill.isLiquidation === true) draft.adoptLiquidation(reading.fill, this.#lastAt);
    }
    if (reading.funding !== undefined) draft.funding.push(reading.funding);
    for (const event of reading.events) await this.step(event, draft);
    if (mail.kind === 'report' && reading.isAhead === true) desk.fetchFills(this.#duty.holder, mail.report);
    if (mail.kind === 'report' && reading.isCancelLost === true) desk.cancel(this.#duty.holder, mail.report.clientOrderId, mail.report.symbol);
  }

  /** Commits, with the request time of new orders fixed before and the lease outlasting their window. */
  async makeDurable(draft: CommitDraft): Promise<{ readonly sentAt: number; readonly deadlineAt: number }> {
    const { store, clock, held, desk, identity } = this.#parts;
    const { bot, runId } = identity;
    // The request time is fixed before the lease is looked at: whatever pause comes between, the venue's window ends first.
    const sentAt = clock.now();
    const deadlineAt = sentAt + desk.windowMs;
    if (draft.hasSubmits && !(await held.holdUntil(deadlineAt + LEASE_MARGIN_MS)))
      throw new AppError('lease_lost', 'the lease does not last for the next orders');
    const status = statusOf(this.#engine.state.phase);
    const isNewStatus = status !== this.#lastStatus;
    const newOrders = draft.newOrders(deadlineAt);
    const begunAt = this.#metrics.now();
    // A run starts once, however often it is taken over.
    if (isNewStatus && status === 'running') draft.addFact(runId, 'bot_started', sentAt, {});
    const commit: Commit = {
      lease: held.lease,
      userId: bot.userId,
      accountId: bot.accountId,
      botId: bot.id,
      run: { id: runId, entries: draft.entries, state: this.#engine.snapshot(), end: draft.end },
      newOrders,
      orderChanges: draft.orderChanges,
      fills: draft.fills,
      ...(draft.funding.length > 0 ? { funding: draft.funding } : {}),
      ...(draft.settings.length > 0 ? { settings: draft.settings } : {}),
      facts: draft.facts,
      status: isNewStatus ? { status, reason: draft.end?.reason ?? '' } : null,
      at: sentAt,
    };
    await this.#tracing.span('intent.commit', this.#names, () => store.commit(commit));
    this.#tell(draft, newOrders, begunAt);
    this.#lastStatus = status;
    return { sentAt, deadlineAt };
  }

  /** Measures what has just become durable. */
  #tell(draft: CommitDraft, newOrders: readonly { readonly state: string }[], begunAt: number): void {
    const { venueId } = this.#parts.desk;
    if (draft.hasSubmits) this.#metrics.observeIntent(this.#metrics.now() - begunAt);
    countOutcomes(this.#metrics, venueId, newOrders);
    countOutcomes(this.#metrics, venueId, draft.outcomes);
  }

  /** Lets the commands of what has been made durable go out. */
  carryOut(draft: CommitDraft, window: { readonly sentAt: number; readonly deadlineAt: number; readonly decidedAt: number }): void {
    const { desk, identity } = this.#parts;
    for (const command of draft.commands) {
      switch (command.type) {
        case 'submitOrder':
          this.deadlines.set(command.order.clientOrderId, window.deadlineAt);
          desk.place(this.#duty.holder, toOutbound(command.order, identity), window.sentAt, (event) => this.#postOutcome(event), window.decidedAt);
          break;
        case 'cancelOrder':
          desk.cancel(this.#duty.holder, command.clientOrderId, this.#engine.legs.of(command.leg).symbol);
          break;
        case 'setTimer':
          this.#timers.set(command.name, command.at);
          break;
        case 'clearTimer':
          this.#timers.clear(command.name);
          break;
        case 'finishRun':
          this.#duty.onFinished();
          break;
        default:
          break;
      }
    }
  }

  #postOutcome(event: OrderEvent): void {
    if (event.type === 'orderAccepted') this.venueIds.set(event.venueOrderId, event.clientOrderId);
    this.#duty.post({ kind: 'event', event: { ...event, at: this.stamp() } });
  }

  /** Time never goes back within a run, whatever the machine's clock does. */
  stamp(): number {
    this.#lastAt = Math.max(this.#lastAt, this.#parts.clock.now());
    return this.#lastAt;
  }
}
