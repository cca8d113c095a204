/**
 * A crew for sets of a user's own strategy: each goes through its history in the sandbox first, one after the other, and what it wished
 * for goes with the set to whoever of the crew computes it.
 */
import { AppError } from '#core/errors.ts';
import type { RehearsedRun } from '#core/sandbox/port.ts';
import type { OwnStrategies, PinnedProgram } from '../own-strategies/own-strategies.ts';
import type { Crew, HistoryShelf } from './evaluate.ts';
import { partsOf } from './trial-history.ts';
import type { TrialAnswer, TrialTask } from './trial-worker.ts';

type Begin = Extract<TrialTask, { readonly type: 'begin' }>;
type Run = Extract<TrialTask, { readonly type: 'run' }>;

export class OwnCrew implements Crew {
  readonly #crew: Crew;
  readonly #own: Pick<OwnStrategies, 'rehearse'>;
  readonly #pinned: PinnedProgram;
  #begun: { readonly settings: Begin['settings']; readonly parts: ReturnType<typeof partsOf> } | null = null;

  constructor(crew: Crew, own: Pick<OwnStrategies, 'rehearse'>, pinned: PinnedProgram) {
    this.#crew = crew;
    this.#own = own;
    this.#pinned = pinned;
  }

  get histories(): HistoryShelf {
    return this.#crew.histories;
  }

  get size(): number {
    return this.#crew.size;
  }

  async ask(member: number, task: TrialTask): Promise<TrialAnswer> {
    if (task.type === 'run') return this.#run(member, task);
    // The sandbox knows a history by its columns, so all of the crew go by the same.
    if (task.type === 'begin') this.#begun ??= { settings: task.settings, parts: partsOf(task.history) };
    return this.#crew.ask(member, task);
  }

  close(): void {
    this.#crew.close();
  }

  async #run(member: number, task: Run): Promise<TrialAnswer> {
    const rehearsed = await this.#rehearse(task);
    return typeof rehearsed === 'string' ? { type: 'ran', outcome: { state: 'refused', reason: rehearsed } } : this.#crew.ask(member, { ...task, rehearsed });
  }

  /** Why there is nothing to compute, where it could not be gone through. */
  async #rehearse({ config, part }: Run): Promise<RehearsedRun | string> {
    if (this.#begun === null) throw new Error('a crew is told to begin before anything else');
    const { settings, parts } = this.#begun;
    const { bars, history } = parts[part];
    if (bars.length === 0) return 'there are no candles for it';
    try {
      const { instrument, venue } = settings;
      return await this.#own.rehearse(this.#pinned, { config, instrument, bars, history: history ?? undefined, venue });
    } catch (error) {
      if (error instanceof AppError) return error.message;
      throw error;
    }
  }
}
