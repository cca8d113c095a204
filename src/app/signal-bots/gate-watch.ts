/**
 * Tells bots that wait for a scanner of its signals: at once when the bus says so, and by looking into the store every few seconds, which is
 * the truth. What is told holds for a short while, so that silence, of the scanner or of this watch, closes the gate by itself.
 */
import { AppError } from '#core/errors.ts';
import { parseParams } from '#core/params.ts';
import { PLAN_TERMS, standingOf } from '#core/plans/plan.ts';
import type { Bus, Clock, Log } from '#core/ports.ts';
import { PAIR_SCANNERS, PAIR_STRATEGY } from '#core/signals/pair-signal.ts';
import { GATE_COMMAND, GATE_LIFE_MS, type GateWish, gateUntil, isWished, type ScannerSignal, scannerSignal } from '#core/signals/scanner-gate.ts';
import { SIGNALS_TOPIC, type Signal } from '#core/signals/signal.ts';
import type { SignalWaiter } from '#core/signals/signal-store.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import { splitConfig } from '../bots/bot-rules.ts';
import type { Bots } from '../bots/bots.ts';
import { Rounds } from '../rounds.ts';

export const GATE_SWEEP_MS = 5_000;
/** What was told is told anew when it has less than this left. */
export const RENEW_MS = 10_000;
/** Bots and signals of one reading. */
export const GATE_PAGE = 200;
const UNTOLD = 'bots could not be told of signals; trying again';

export interface GateWatchParts {
  readonly store: Pick<Store, 'signals' | 'subscriptions' | 'commands'>;
  readonly bots: Pick<Bots, 'tellOnce'>;
  readonly strategies: ReadonlyMap<string, Strategy>;
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Waiter {
  readonly botId: string;
  readonly userId: string;
  readonly wish: GateWish;
}

interface Told {
  readonly signalId: string;
  readonly version: number;
  readonly until: number;
  readonly at: number;
}

export class GateWatch {
  readonly #parts: GateWatchParts;
  #waiters: readonly Waiter[] = [];
  /** Bots that have not taken the last word yet: a queue of them would keep their users' own commands out. */
  #busy: ReadonlySet<string> = new Set();
  readonly #told = new Map<string, Told>();
  /** The newest of each signal that somebody waits for. */
  readonly #heard = new Map<string, Signal>();
  #working: Promise<void> = Promise.resolve();
  readonly #rounds: Rounds;
  #unsubscribe: () => void = () => undefined;

  constructor(parts: GateWatchParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({ ...parts, pauseMs: GATE_SWEEP_MS, problem: UNTOLD }, () => this.sweep());
  }

  start(): void {
    const { bus } = this.#parts;
    this.#unsubscribe = bus.subscribe(
      SIGNALS_TOPIC,
      ({ signal }) => this.#hear(signal as Signal),
      () => void this.sweep(),
    );
    this.#rounds.start();
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#rounds.close();
    await this.#working;
  }

  /** Looks at all bots that wait and all signals that are open; never fails. */
  sweep(): Promise<void> {
    return this.#next(async () => {
      await this.#readWaiters();
      const open = await this.#openSignals();
      for (const signal of open) await this.#tellAll(signal);
      const ids = new Set(open.map(({ id }) => id));
      for (const waiter of this.#waiters) await this.#endGone(waiter, ids);
    });
  }

  /** Only the newest word of a signal counts, so no more wait than there are signals. */
  #hear(signal: Signal): void {
    if (!this.#waiters.some(({ wish }) => isWished(signal, wish))) return;
    const isNext = !this.#heard.has(signal.id);
    this.#heard.set(signal.id, signal);
    if (!isNext) return;
    void this.#next(async () => {
      const newest = this.#heard.get(signal.id);
      this.#heard.delete(signal.id);
      if (newest !== undefined) await this.#tellAll(newest);
    });
  }

  /** One thing after the other. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(async () => {
      if (this.#rounds.isClosed) return;
      try {
        await work();
      } catch (error) {
        // What was not told is found by the next sweep; meanwhile gates close by themselves.
        this.#parts.log.warn({ err: error }, UNTOLD);
      }
    });
    return this.#working;
  }

  async #readWaiters(): Promise<void> {
    const { store, strategies } = this.#parts;
    const found: SignalWaiter[] = [];
    let page: readonly SignalWaiter[];
    do {
      page = await store.signals.waiters(PAIR_STRATEGY, found.at(-1)?.botId ?? '', GATE_PAGE);
      found.push(...page);
    } while (page.length === GATE_PAGE);
    const records = found.length === 0 ? [] : await store.subscriptions.of([...new Set(found.map(({ userId }) => userId))]);
    const now = this.#parts.clock.now();
    const entitled = new Set(records.filter((record) => PLAN_TERMS[standingOf(record, now).plan].mayStream).map(({ userId }) => userId));
    const pair = strategies.get(PAIR_STRATEGY);
    this.#waiters = found.flatMap((waiter) => {
      const wish = pair === undefined || !entitled.has(waiter.userId) ? null : wishOf(waiter, pair);
      return wish === null ? [] : [{ botId: waiter.botId, userId: waiter.userId, wish }];
    });
    const waiting = this.#waiters.length === 0 ? [] : await store.commands.due();
    this.#busy = new Set(waiting.filter(({ name }) => name === GATE_COMMAND).map(({ botId }) => botId));
    // An older version that is found later than this is not fresh enough to let anybody in.
    for (const [botId, { at }] of this.#told) if (now - at > GATE_LIFE_MS) this.#told.delete(botId);
  }

  async #openSignals(): Promise<readonly Signal[]> {
    const bases = [...new Set(this.#waiters.flatMap(({ wish }) => wish.symbol.split('/')[0] ?? []))];
    const found: Signal[] = [];
    for (const scanner of bases.length === 0 ? [] : PAIR_SCANNERS) {
      let cursor: string | null = null;
      do {
        const filter = { scanner, state: 'open', bases } as const;
        const page: Awaited<ReturnType<Store['signals']['list']>> = await this.#parts.store.signals.list(filter, 'opened_at', { limit: GATE_PAGE, cursor });
        found.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
    }
    return found;
  }

  async #tellAll(signal: Signal): Promise<void> {
    for (const waiter of this.#waiters) if (isWished(signal, waiter.wish)) await this.#tell(waiter, signal);
  }

  async #tell(waiter: Waiter, signal: Signal): Promise<void> {
    const { botId, wish } = waiter;
    const now = this.#parts.clock.now();
    const told = this.#told.get(botId);
    const until = gateUntil(signal, wish, now);
    if (told?.signalId === signal.id && signal.version < told.version) return;
    const isLetIn = told !== undefined && told.until > now;
    if (until <= now && !(isLetIn && told.signalId === signal.id)) return;
    if (until > now && (this.#busy.has(botId) || (isLetIn && told.signalId === signal.id && told.until - now >= RENEW_MS))) return;
    await this.#say(waiter, scannerSignal(signal, until > now ? until : 0), String(signal.version));
  }

  async #say({ botId, userId }: Waiter, said: ScannerSignal, word: string): Promise<void> {
    const { bots, clock, log } = this.#parts;
    try {
      await bots.tellOnce(userId, botId, GATE_COMMAND, said, `gate-${botId}-${said.id}-${word}`);
      this.#told.set(botId, { signalId: said.id, version: said.version, until: said.valid_until, at: clock.now() });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.debug({ botId, signalId: said.id, reason: error.message }, 'a bot that waits for signals takes none now');
    }
  }

  /** Of a signal by which a bot was let in and that is not open any more, nobody may have told. */
  async #endGone(waiter: Waiter, open: ReadonlySet<string>): Promise<void> {
    const told = this.#told.get(waiter.botId);
    if (told === undefined || told.until <= this.#parts.clock.now() || open.has(told.signalId)) return;
    const signal = await this.#parts.store.signals.get(told.signalId);
    if (signal !== null) return this.#tell(waiter, signal);
    // The owner has removed it.
    await this.#say(waiter, scannerSignal({ id: told.signalId, version: told.version, netPercent: '0' }, 0), 'removed');
  }
}

/** What the settings of a bot wait for; `null` where they cannot be read any more. */
function wishOf({ symbol, mode, exchange, config }: SignalWaiter, strategy: Strategy): GateWish | null {
  const parsed = parseParams(strategy.params, splitConfig(config).settings);
  if (!parsed.ok) return null;
  const { start_signal: scanner, start_signal_min_percent: minNetPercent } = parsed.value;
  const perpetualSymbol = strategy.otherLegs?.(parsed.value, symbol)[0]?.symbol;
  if (typeof scanner !== 'string' || typeof minNetPercent !== 'string' || perpetualSymbol === undefined) return null;
  return { scanner, minNetPercent, symbol, perpetualSymbol, venue: mode === 'paper' ? null : exchange };
}
