/** How long bots stood without an owner, from what the runners log: a start after a kill, and a take-over by another runner. */

/** One runner's life as the harness made it. */
export interface Watched {
  readonly name: string;
  /** When it was last hurt or healed; 0 for never. */
  disturbedAt: number;
}

interface Loss {
  readonly from: Watched;
  readonly at: number;
}

export class TakeOvers {
  readonly #owners = new Map<string, Watched>();
  readonly #losses = new Map<string, Loss>();
  /** By bot, the runner that lost it last and has not woken since. */
  readonly #lastLoser = new Map<string, Watched>();
  /** From the start of the process to each of its bots running again, for installations of one runner. */
  readonly restartsMs: number[] = [];
  /** From the kill or the pause of one runner to the bot running in another that nothing had happened to. */
  readonly handOversMs: number[] = [];
  /** Runners that woke and whose bots had a new owner meanwhile. */
  contendedWakes = 0;
  /** Bots opened in all. */
  opened = 0;

  /** A runner has been killed or paused. */
  onHurt(runner: Watched): void {
    runner.disturbedAt = Date.now();
    for (const [botId, owner] of this.#owners) {
      // What was lost already has been without an owner since then.
      if (owner === runner && this.#losses.get(botId)?.from !== runner) this.#losses.set(botId, { from: runner, at: runner.disturbedAt });
    }
  }

  /** A killed runner is being started again. */
  onRestart(runner: Watched): void {
    runner.disturbedAt = Date.now();
  }

  /** A paused runner goes on; what it still owns has not been taken over. */
  onWake(runner: Watched): void {
    runner.disturbedAt = Date.now();
    let isContended = false;
    for (const [botId, owner] of this.#owners) {
      if (owner === runner) this.#losses.delete(botId);
      else if (this.#losses.get(botId) === undefined && this.#lastLoser.get(botId) === runner) isContended = true;
    }
    if (isContended) this.contendedWakes += 1;
    for (const [botId, loser] of this.#lastLoser) if (loser === runner) this.#lastLoser.delete(botId);
  }

  /** Hears the lines a runner logs. */
  onLine(runner: Watched, line: string): void {
    if (!line.includes('"run opened"')) return;
    const { botId, time } = JSON.parse(line) as { botId?: string; time?: number | string };
    if (botId === undefined || time === undefined) return;
    const at = new Date(time).getTime();
    this.opened += 1;
    const loss = this.#losses.get(botId);
    this.#owners.set(botId, runner);
    this.#losses.delete(botId);
    if (loss === undefined) return;
    if (loss.from === runner) this.restartsMs.push(at - runner.disturbedAt);
    else {
      this.#lastLoser.set(botId, loss.from);
      if (runner.disturbedAt < loss.at) this.handOversMs.push(at - loss.at);
    }
  }
}

/** `p50 1.2 s, max 3.4 s of 17`. */
export function spread(samplesMs: readonly number[]): string {
  if (samplesMs.length === 0) return 'none';
  const sorted = [...samplesMs].sort((one, other) => one - other);
  const at = (share: number): string => ((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / 1_000).toFixed(1);
  return `p50 ${at(0.5)} s, p90 ${at(0.9)} s, max ${at(1)} s of ${sorted.length}`;
}
