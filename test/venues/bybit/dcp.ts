/** Bybit's disconnection protection: all orders of an account end when the last stream that counts has been gone for a while. */
import type { World } from '../_world.ts';

const DEFAULT_MS = 10_000;

export class Dcp {
  readonly #world: World;
  readonly #windows = new Map<string, number>();
  readonly #connections = new Map<string, Set<object>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** How long the streams may be gone. */
  set(account: string, ms: number): void {
    this.#windows.set(account, ms);
  }

  join(account: string, connection: object): void {
    const joined = this.#connections.get(account) ?? new Set();
    joined.add(connection);
    this.#connections.set(account, joined);
    this.#world.cancelAllAt(account, null);
  }

  /** `isLost`: the connection is gone; otherwise it no longer counts. */
  leave(account: string, connection: object, isLost: boolean): void {
    const joined = this.#connections.get(account);
    if (joined?.delete(connection) !== true || joined.size > 0) return;
    if (isLost) this.#world.cancelAllAt(account, this.#world.now() + (this.#windows.get(account) ?? DEFAULT_MS));
  }
}
