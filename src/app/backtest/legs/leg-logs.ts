/** What happened in a run over several instruments: a log of each, in the integers of its own. */
import type { Command } from '#core/commands.ts';
import type { Event } from '#core/events.ts';
import { type RunLedger, RunLog } from '../run-log.ts';

export interface LoggedLeg {
  /** As events and orders name it; the first one's are without a name. */
  readonly name: string | null;
  readonly lent: RunLedger['lent'];
}

export class LegLogs {
  readonly #logs: readonly RunLog[];
  readonly #first: RunLog;
  readonly #byName = new Map<string, RunLog>();

  /** The first leg's first; `momentsDone` tells how many are over. */
  constructor(legs: readonly LoggedLeg[], momentsDone: () => number) {
    this.#logs = legs.map(({ lent }) => new RunLog({ keepsTape: false, keepsLedger: true, lent, barsDone: momentsDone }));
    const [first] = this.#logs;
    if (first === undefined) throw new Error('a run has a first leg');
    this.#first = first;
    for (const [index, { name }] of legs.entries()) if (name !== null) this.#byName.set(name, this.#logs[index] ?? first);
  }

  /** Throws AppError `backtest_too_large` as a log does. */
  add(event: Event, commands: readonly Command[]): void {
    this.#logOf(event).hear(event);
    for (const command of commands) this.#logFor(command).take(command, event.at);
  }

  get ledgers(): readonly RunLedger[] {
    return this.#logs.map(({ ledger }) => {
      if (ledger === null) throw new Error('every leg keeps its ledger');
      return ledger;
    });
  }

  get orders(): RunLog['orders'] {
    const sum = { placed: 0, denied: 0, cancelled: 0, rejected: 0, expired: 0 };
    for (const { orders } of this.#logs) for (const what of Object.keys(sum) as (keyof typeof sum)[]) sum[what] += orders[what];
    return sum;
  }

  /** Executions of all legs. */
  get trades(): RunLog['trades'] {
    const sum = { count: 0, buys: 0, sells: 0 };
    for (const { trades } of this.#logs) for (const what of Object.keys(sum) as (keyof typeof sum)[]) sum[what] += trades[what];
    return sum;
  }

  /** Notes are of the whole run. */
  get notes(): Pick<RunLog, 'notes' | 'notesDropped'> {
    return this.#first;
  }

  #logOf(event: Event): RunLog {
    if ('leg' in event && event.leg !== undefined) return this.#byName.get(event.leg) ?? this.#first;
    if (!('clientOrderId' in event) || event.type === 'orderAccepted') return this.#first;
    for (const log of this.#logs) if (log.knows(event.clientOrderId)) return log;
    return this.#first;
  }

  #logFor(command: Command): RunLog {
    if (command.type !== 'submitOrder' && command.type !== 'denyOrder') return this.#first;
    const { leg } = command.order;
    return leg === undefined ? this.#first : (this.#byName.get(leg) ?? this.#first);
  }
}
