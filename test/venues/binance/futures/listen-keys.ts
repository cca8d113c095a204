/** Listen keys of Binance futures: one an account at a time, valid for an hour from when it was last asked for or renewed. */
import type { World } from '../../_world.ts';
import { BinanceRefusal } from '../refusals.ts';

const LIFE_MS = 3_600_000;

export class ListenKeys {
  readonly #world: World;
  readonly #keys = new Map<string, { readonly account: string; until: number }>();
  #count = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** The account's key, with a new hour; a new one where it has none. */
  ask(account: string): string {
    for (const [key, held] of this.#keys) {
      if (held.account !== account || !this.#isAlive(held)) continue;
      held.until = this.#world.machineNow() + LIFE_MS;
      return key;
    }
    this.#count += 1;
    const key = `listen${this.#count}${Math.floor(this.#world.random() * 2 ** 48).toString(36)}`;
    this.#keys.set(key, { account, until: this.#world.machineNow() + LIFE_MS });
    return key;
  }

  renew(account: string): string {
    for (const [key, held] of this.#keys) if (held.account === account && this.#isAlive(held)) return this.ask(held.account) && key;
    throw new BinanceRefusal(-1125, 'This listenKey does not exist.');
  }

  remove(account: string): void {
    for (const [key, held] of this.#keys) if (held.account === account) this.#keys.delete(key);
  }

  /** Whose events a key leads to; `null` once it has run out. */
  accountOf(key: string): string | null {
    const held = this.#keys.get(key);
    return held !== undefined && this.#isAlive(held) ? held.account : null;
  }

  #isAlive({ until }: { readonly until: number }): boolean {
    return this.#world.machineNow() < until;
  }
}
