/**
 * What a run on a perpetual must hear of beyond its orders: funding settlements, which only a list tells, and whether the
 * account's position is still the one that the run counts. There is one position an account and symbol, so it is the run's alone.
 */
import { decimal, plain } from '#core/money.ts';
import type { FundingPayment } from '#core/perpetual-ports.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { TradingSession } from '#core/venue-ports.ts';
import { Rounds } from '../rounds.ts';

/** Funding is settled every hour at most; the list is asked for more often, because it may be late. */
export const WATCH_MS = 60_000;
/** Payments are asked for again this far back, because venues list them late. */
const OVERLAP_MS = 3_600_000;
/** Looks in a row that must find another position before anybody is told: fills may be under way. */
const DRIFT_LOOKS = 3;

export interface PerpetualWatchParts {
  readonly session: Pick<TradingSession, 'perpetual'>;
  readonly store: Pick<Store, 'funding'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly accountId: string;
  readonly symbol: string;
  readonly runId: string;
  /** Payments before it are none of the run's. */
  readonly startedAt: number;
  readonly run: {
    onFunding(payment: FundingPayment): void;
    /** Signed, in base coin. */
    positionSize(symbol: string): string;
  };
  readonly onTrouble: (message: string) => void;
}

export class PerpetualWatch {
  readonly #parts: PerpetualWatchParts;
  readonly #rounds: Rounds;
  #drifts = 0;

  constructor(parts: PerpetualWatchParts) {
    this.#parts = parts;
    const problem = 'funding and position could not be read';
    this.#rounds = new Rounds({ ...parts, pauseMs: WATCH_MS, problem }, () => this.#look());
  }

  start(): void {
    this.#rounds.start(0);
  }

  close(): Promise<void> {
    return this.#rounds.close();
  }

  async #look(): Promise<void> {
    await this.#takeFunding();
    await this.#compare();
  }

  async #takeFunding(): Promise<void> {
    const { session, store, accountId, symbol, runId, startedAt, run } = this.#parts;
    const newestAt = await store.funding.newestAt(runId, symbol);
    const since = newestAt === null ? startedAt : Math.max(startedAt, newestAt - OVERLAP_MS);
    const payments = (await session.perpetual?.fundingSince(symbol, since)) ?? [];
    if (payments.length === 0) return;
    const known = await store.funding.known(
      accountId,
      symbol,
      payments.map((payment) => payment.paymentId),
    );
    if (this.#rounds.isClosed) return;
    for (const payment of payments) if (!known.has(payment.paymentId) && payment.at >= startedAt) run.onFunding(payment);
  }

  async #compare(): Promise<void> {
    const { session, symbol, run, onTrouble } = this.#parts;
    const before = run.positionSize(symbol);
    const positions = (await session.perpetual?.positions()) ?? [];
    const held = positions.find((position) => position.symbol === symbol)?.size ?? '0';
    // A position that has moved meanwhile says nothing.
    if (this.#rounds.isClosed || before !== run.positionSize(symbol)) return;
    this.#drifts = decimal(held).eq(before) ? 0 : this.#drifts + 1;
    if (this.#drifts !== DRIFT_LOOKS) return;
    onTrouble(
      `the exchange shows a position of ${plain(decimal(held))} in ${symbol}, the bot counts ${before}: something else trades it; the bot's orders may close too much or too little`,
    );
  }
}
