/** Has a crew run sets of settings: one history, the figures of their rules computed once and shared, then set by set to whoever is free. */
import { needsTrades, scoresOf } from './goal.ts';
import type { OptimizationSettings } from './optimization-settings.ts';
import { rankedPlaces } from './pareto.ts';
import type { Part, TrialHistory } from './trial-history.ts';
import type { Config, TrialAnswer, TrialOutcome, TrialTask } from './trial-worker.ts';

/** Workers that compute at the same time over memory they share. */
export interface Crew {
  readonly size: number;
  /** Rejects with the AppError of the worker, or when the crew was sent home. */
  ask(member: number, task: TrialTask): Promise<TrialAnswer>;
  /** Sends it home; what is under way is lost. */
  close(): void;
  /** Of this and of later crews of the process. */
  readonly histories: HistoryShelf;
}

/** Histories that are kept: at most so many, those that were looked for last. */
export const MAX_KEPT_HISTORIES = 2;

/** The histories that pieces of work have read, for those that come after: to read one takes longer than a small piece. */
export class HistoryShelf {
  #kept: readonly { readonly key: string; readonly history: TrialHistory }[] = [];

  /** The history, read where it is not kept. */
  async get(key: string, read: () => Promise<TrialHistory>): Promise<TrialHistory> {
    const history = this.#kept.find((each) => each.key === key)?.history ?? (await read());
    this.#kept = [{ key, history }, ...this.#kept.filter((each) => each.key !== key)].slice(0, MAX_KEPT_HISTORIES);
    return history;
  }
}

/** A history as it is kept in the store: its fingerprint, and how to get it. */
export interface StoredHistory {
  readonly fingerprint: string;
  bytes(): Promise<Uint8Array>;
}

/** Calls a crew together; `most` is how many have something to do. */
export type OpenCrew = (most: number) => Crew;

export class Evaluation {
  readonly #crew: Crew;
  readonly #settings: OptimizationSettings;
  readonly #onTrial: () => void;

  private constructor(crew: Crew, settings: OptimizationSettings, onTrial: () => void) {
    this.#crew = crew;
    this.#settings = settings;
    this.#onTrial = onTrial;
  }

  /** Throws AppError `strategy_changed`. `onTrial` is called with every set that is done. */
  static async begin(crew: Crew, settings: OptimizationSettings, stored: StoredHistory, onTrial: () => void): Promise<Evaluation> {
    const { backtest, outOfSample, goal } = settings;
    const history = await crew.histories.get(`${stored.fingerprint} ${outOfSample}`, async () => {
      // Many bars take a while to unfold: not here, where others wait.
      const read = await crew.ask(0, { type: 'read', bytes: await stored.bytes(), outOfSample });
      if (read.type !== 'read') throw new Error('a worker answers what it is asked');
      return read.history;
    });
    await everyMember(crew, () => ({ type: 'begin', settings: backtest, history, withTrades: needsTrades(goal) }));
    return new Evaluation(crew, settings, onTrial);
  }

  /** Outcomes in the sequence of the sets; some are given up where the settings say so. */
  async trials(configs: readonly Config[]): Promise<readonly TrialOutcome[]> {
    await this.#shareColumns(configs);
    if (!this.#settings.pruning) return this.run(configs, 'inSample');
    const kept = this.#betterHalf(await this.#runAll(configs, 'screen', () => undefined));
    const chosen = [...kept].sort((one, other) => one - other);
    const done = await this.run(
      chosen.map((place) => configs[place] ?? {}),
      'inSample',
    );
    const outcomes = configs.map((): TrialOutcome => ({ state: 'pruned' }));
    for (const [index, place] of chosen.entries()) outcomes[place] = done[index] as TrialOutcome;
    return outcomes;
  }

  run(configs: readonly Config[], part: Part): Promise<readonly TrialOutcome[]> {
    return this.#runAll(configs, part, this.#onTrial);
  }

  async #runAll(configs: readonly Config[], part: Part, onTrial: () => void): Promise<readonly TrialOutcome[]> {
    const outcomes: TrialOutcome[] = [];
    let next = 0;
    const work = async (member: number): Promise<void> => {
      while (next < configs.length) {
        const place = next;
        next += 1;
        const answer = await this.#crew.ask(member, { type: 'run', config: configs[place] ?? {}, part });
        if (answer.type === 'ran') outcomes[place] = answer.outcome;
        onTrial();
      }
    };
    await Promise.all(Array.from({ length: this.#crew.size }, (_, member) => work(member)));
    return outcomes;
  }

  async #shareColumns(configs: readonly Config[]): Promise<void> {
    const { size } = this.#crew;
    const answers = await everyMember(this.#crew, (place) => ({ type: 'columns', configs, place, of: size }));
    const columns = answers.flatMap((answer) => (answer.type === 'columns' ? answer.columns : []));
    if (columns.length > 0) await everyMember(this.#crew, () => ({ type: 'adopt', columns }));
  }

  /** Places of the better half, and of those that were refused, which costs nothing to hear again. */
  #betterHalf(screened: readonly TrialOutcome[]): ReadonlySet<number> {
    const scored = screened.flatMap((outcome, place) => {
      // What traded little so far may still trade enough.
      const scores = outcome.state === 'done' ? scoresOf({ ...this.#settings.goal, leastTrades: 0 }, outcome.figures) : null;
      return scores === null ? [] : [{ place, scores }];
    });
    const best = rankedPlaces(scored.map(({ scores }) => scores)).slice(0, Math.ceil(screened.length / 2));
    const refused = screened.flatMap(({ state }, place) => (state === 'refused' ? [place] : []));
    return new Set([...best.map(({ place }) => scored[place]?.place ?? 0), ...refused]);
  }
}

function everyMember(crew: Crew, task: (member: number) => TrialTask): Promise<readonly TrialAnswer[]> {
  return Promise.all(Array.from({ length: crew.size }, (_, member) => crew.ask(member, task(member))));
}
