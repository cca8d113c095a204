/** Bybit's disconnection protection: all orders of an account end when the last stream that counts has been gone for a while. */
import type { InstrumentKind } from '#core/instrument.ts';
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
  set(account: string, kind: InstrumentKind, ms: number): void {
    this.#windows.set(`${account} ${kind}`, ms);
  }

  join(account: string, kind: InstrumentKind, connection: object): void {
    const key = `${account} ${kind}`;
    const joined = this.#connections.get(key) ?? new Set();
    joined.add(connection);
    this.#connections.set(key, joined);
    this.#world.cancelAllAt(account, null, kind);
  }

  /** `isLost`: the connection is gone; otherwise it no longer counts. */
  leave(account: string, kind: InstrumentKind, connection: object, isLost: boolean): void {
    const key = `${account} ${kind}`;
    const joined = this.#connections.get(key);
    if (joined?.delete(connection) !== true || joined.size > 0) return;
    if (isLost) this.#world.cancelAllAt(account, this.#world.now() + (this.#windows.get(key) ?? DEFAULT_MS), kind);
  }
}
