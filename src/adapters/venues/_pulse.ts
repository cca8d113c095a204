/**
 * Signs of life of a venue, for graphs and health: when it last said anything, and which of our streams to it are up.
 */
import type { VenuePulse } from '#core/venue-ports.ts';
import type { Budget } from './_budget.ts';

export class Pulse {
  #lastContactAt: number | null = null;
  /** By the stream's own object: whether it delivers. */
  readonly #streams = new Map<object, boolean>();

  /** The venue has answered or pushed something. */
  contact(at: number): void {
    this.#lastContactAt = at;
  }

  stream(stream: object, isUp: boolean): void {
    this.#streams.set(stream, isUp);
  }

  /** The stream is not wanted any more. */
  gone(stream: object): void {
    this.#streams.delete(stream);
  }

  /** With the budgets of the address and, where the venue counts those too, the fullest of its accounts. */
  read(address: Budget, accounts: readonly Budget[]): VenuePulse {
    const states = [...this.#streams.values()];
    const fullest = accounts.reduce<Budget | null>((least, budget) => (least === null || budget.left < least.left ? budget : least), null);
    return {
      lastContactAt: this.#lastContactAt,
      streamsUp: states.filter((isUp) => isUp).length,
      streamsDown: states.filter((isUp) => !isUp).length,
      budgets: [{ scope: 'address', ...figuresOf(address) }, ...(fullest === null ? [] : [{ scope: 'account' as const, ...figuresOf(fullest) }])],
    };
  }
}

function figuresOf({ left, limits }: Budget): { readonly left: number; readonly limit: number; readonly windowMs: number } {
  return { left, limit: limits.weight, windowMs: limits.windowMs };
}
