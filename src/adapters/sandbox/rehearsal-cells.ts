/**
 * Isolates for plans and backtests, kept warm for the next one over the same program: the product's own code in them has been
 * compiled by then. The program itself is let in anew each time, so that no backtest knows of the one before.
 */
import type ivm from 'isolated-vm';
import type { Program, ProgramFile } from '#core/sandbox/program.ts';
import type { Cell } from './cell.ts';
import { LIMITS } from './limits.ts';
import type { Question } from './messages.ts';

interface History {
  readonly columns: ivm.ExternalCopy<unknown>;
  readonly bytes: number;
}

interface Warm {
  readonly cell: Cell;
  readonly hash: string;
  readonly memoryMiB: number;
  readonly known: Set<number>;
}

const MIB = 1_024 * 1_024;

export class RehearsalCells {
  readonly #open: (files: readonly ProgramFile[], memoryMiB: number) => Promise<Cell>;
  readonly #histories = new Map<number, History>();
  #warm: Warm | null = null;

  constructor(open: (files: readonly ProgramFile[], memoryMiB: number) => Promise<Cell>) {
    this.#open = open;
  }

  /** Keeps a history until it is dropped. */
  keep(key: number, columns: ivm.ExternalCopy<unknown>, bytes: number, drop: readonly number[]): void {
    this.#histories.set(key, { columns, bytes });
    for (const each of drop) {
      this.#histories.get(each)?.columns.release();
      this.#histories.delete(each);
    }
  }

  plan({ files, hash, question }: Extract<Question, { op: 'plan' }>): Promise<string> {
    return this.#with({ files, hash }, [], ({ cell }) => cell.call('plan', [question], LIMITS.planMs));
  }

  rehearse({ files, hash, options, bars, history, legs }: Extract<Question, { op: 'rehearse' }>): Promise<string> {
    const keys = [bars, ...(history === null ? [] : [history]), ...legs];
    return this.#with({ files, hash }, keys, async (warm) => {
      for (const key of keys) await this.#hand(warm, key, keys);
      return await warm.cell.call('rehearse', [options, bars, history], LIMITS.rehearsalMs);
    });
  }

  /** Questions of one process go one after the other; a second one meanwhile gets an isolate of its own. */
  async #with({ files, hash }: Program, keys: readonly number[], ask: (warm: Warm) => Promise<string>): Promise<string> {
    const warm = await this.#take(hash, files, keys);
    try {
      const answer = await ask(warm);
      if (this.#warm === null) this.#warm = warm;
      else warm.cell.close();
      return answer;
    } catch (error) {
      warm.cell.close();
      throw error;
    }
  }

  async #take(hash: string, files: readonly ProgramFile[], keys: readonly number[]): Promise<Warm> {
    const needed = LIMITS.rehearsalMemoryMiB + Math.ceil((keys.reduce((sum, key) => sum + (this.#histories.get(key)?.bytes ?? 0), 0) * 2) / MIB);
    const warm = this.#warm;
    this.#warm = null;
    if (warm !== null && warm.hash === hash && warm.memoryMiB >= needed && !warm.cell.isDead) {
      await warm.cell.reload(LIMITS.loadMs);
      return warm;
    }
    warm?.cell.close();
    return { cell: await this.#open(files, needed), hash, memoryMiB: needed, known: new Set() };
  }

  /** What this question does not need makes room. */
  async #hand({ cell, known }: Warm, key: number, needed: readonly number[]): Promise<void> {
    if (known.has(key)) return;
    const history = this.#histories.get(key);
    if (history === undefined) throw new Error('the history is not here');
    for (const old of known) if (known.size >= LIMITS.histories && !needed.includes(old) && known.delete(old)) await cell.call('forget', [old], LIMITS.planMs);
    await cell.call('remember', [key, history.columns.copyInto()], LIMITS.loadMs);
    known.add(key);
  }
}
