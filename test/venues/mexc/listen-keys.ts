/** MEXC's listen keys: each lives an hour unless it is renewed, and an account has at most sixty. */
import type { World } from '../_world.ts';
import { MexcRefusal } from './refusals.ts';

const LIFE_MS = 3_600_000;
const MAX_KEYS = 60;

export class ListenKeys {
  readonly #world: World;
  readonly #keys = new Map<string, { readonly account: string; until: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  create(account: string): string {
    if (this.of(account).length >= MAX_KEYS) throw new MexcRefusal(730003, 'Unsupported operation: too many listen keys');
    const key = Array.from({ length: 4 }, () =>
      Math.floor(this.#world.random() * 2 ** 48)
        .toString(16)
        .padStart(12, '0'),
    ).join('');
    this.#keys.set(key, { account, until: this.#world.machineNow() + LIFE_MS });
    return key;
  }

  renew(account: string, key: string): string {
    const held = this.#keys.get(key);
    if (held === undefined || held.account !== account || !this.#isAlive(held)) throw new MexcRefusal(730002, 'Your input param is invalid');
    held.until = this.#world.machineNow() + LIFE_MS;
    return key;
  }

  remove(account: string, key: string): string {
    if (this.#keys.get(key)?.account === account) this.#keys.delete(key);
    return key;
  }

  of(account: string): readonly string[] {
    return [...this.#keys].filter(([, held]) => held.account === account && this.#isAlive(held)).map(([key]) => key);
  }

  /** Whose events a key leads to; `null` once it has run out. */
  accountOf(key: string): string | null {
    const held = this.#keys.get(key);
    return held !== undefined && this.#isAlive(held) ? held.account : null;
  }

  /** Ends every key at once, as the venue may. */
  clear(): void {
    this.#keys.clear();
  }

  #isAlive({ until }: { readonly until: number }): boolean {
    return this.#world.machineNow() < until;
  }
}
