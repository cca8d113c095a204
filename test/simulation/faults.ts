/**
 * The faults of a simulated world as knobs: each seed turns about half of them on, each draws from a stream of its own,
 * and each firing has a name, so that a failing seed can be tried again with fewer of them.
 */
import { type Random, seeded } from '../venues/_random.ts';

interface Knob {
  /** Highest chance to strike at an opportunity; a seed draws its own below. */
  readonly chance: number;
  /** Longest duration or delay in milliseconds, where it has one. */
  readonly ms?: number;
}

/** Every fault there is. What each strikes is said where it is struck. */
export const KNOBS = {
  // A request to the venue, and its answer.
  requestLost: { chance: 0.12 },
  responseLost: { chance: 0.15 },
  unknownBefore: { chance: 0.08 },
  unknownAfter: { chance: 0.15 },
  lateDelivery: { chance: 0.08, ms: 15_000 },
  slowResponse: { chance: 0.15, ms: 14_000 },
  matchingLag: { chance: 0.1, ms: 8_000 },
  slowMatching: { chance: 0.05, ms: 10_000 },
  cancelLost: { chance: 0.2 },
  cancelUnknown: { chance: 0.2 },
  queryFailed: { chance: 0.2 },
  querySlow: { chance: 0.1, ms: 8_000 },
  readLag: { chance: 0.4, ms: 3_000 },
  // What the venue pushes.
  streamDropped: { chance: 0.2 },
  streamDuplicated: { chance: 0.3 },
  streamReordered: { chance: 0.2, ms: 8_000 },
  streamSilent: { chance: 0.02, ms: 40_000 },
  streamDown: { chance: 0.03, ms: 15_000 },
  tradesWithoutIds: { chance: 1 },
  // The venue as a whole.
  rateLimited: { chance: 0.02, ms: 15_000 },
  maintenance: { chance: 0.01, ms: 30_000 },
  halted: { chance: 0.01, ms: 30_000 },
  rulesChanged: { chance: 0.006 },
  partialFills: { chance: 0.6 },
  // The human at the venue.
  manualTrade: { chance: 0.04 },
  manualCancel: { chance: 0.02 },
  withdrawal: { chance: 0.004 },
  // Our processes.
  crash: { chance: 0.02, ms: 12_000 },
  drain: { chance: 0.008, ms: 5_000 },
  pause: { chance: 0.02, ms: 60_000 },
  clockOffset: { chance: 1, ms: 1_500 },
  clockJump: { chance: 0.01, ms: 800 },
  busLost: { chance: 0.3 },
  // The database.
  databaseFailed: { chance: 0.04 },
  databaseUnknown: { chance: 0.04 },
  databaseSlow: { chance: 0.03, ms: 6_000 },
  databaseDown: { chance: 0.008, ms: 25_000 },
  databaseClock: { chance: 1, ms: 5_000 },
  renewalFailed: { chance: 0.7 },
  // The venue takes an order off its book by itself.
  venueCancels: { chance: 0.1 },
  // Neither leases nor beats of one process get through, while everything else does: its connections for these hang.
  upkeepHangs: { chance: 0.05, ms: 60_000 },
} as const satisfies Record<string, Knob>;

export type KnobName = keyof typeof KNOBS;
export const KNOB_NAMES = Object.keys(KNOBS) as readonly KnobName[];

export interface FaultPlan {
  /** Knobs that stay off whatever the seed says. */
  readonly off?: ReadonlySet<string>;
  /** Firings that do not happen, such as `crash#2`. */
  readonly suppressed?: ReadonlySet<string>;
}

interface Setting {
  readonly chance: number;
  readonly random: Random;
  opportunities: number;
}

export class Faults {
  readonly fired = new Map<KnobName, number>();
  /** Names of all firings in their order. */
  readonly firings: string[] = [];
  onFired: (firing: string) => void = () => undefined;
  isHealed = false;
  readonly #settings = new Map<KnobName, Setting>();
  readonly #suppressed: ReadonlySet<string>;

  constructor(seed: number, plan: FaultPlan = {}) {
    const random = seeded(seed ^ 0x5eed);
    this.#suppressed = plan.suppressed ?? new Set();
    for (const [index, name] of KNOB_NAMES.entries()) {
      const isOn = random() < 0.5;
      const share = 0.1 + 0.9 * random();
      if (isOn && plan.off?.has(name) !== true)
        this.#settings.set(name, {
          chance: KNOBS[name].chance * share,
          random: seeded(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)),
          opportunities: 0,
        });
    }
  }

  /** The knobs this seed has on. */
  get active(): readonly KnobName[] {
    return [...this.#settings.keys()];
  }

  isOn(name: KnobName): boolean {
    return this.#settings.has(name);
  }

  /** Whether the fault strikes at this opportunity. */
  strikes(name: KnobName): boolean {
    const setting = this.#settings.get(name);
    if (setting === undefined || this.isHealed) return false;
    setting.opportunities += 1;
    const hits = KNOBS[name].chance === 1 || setting.random() < setting.chance;
    const firing = `${name}#${setting.opportunities}`;
    if (!hits || this.#suppressed.has(firing)) return false;
    this.fired.set(name, (this.fired.get(name) ?? 0) + 1);
    this.firings.push(firing);
    this.onFired(firing);
    return true;
  }

  /** A length for the fault that has just struck, in whole milliseconds. */
  length(name: Extract<KnobName, { [Name in KnobName]: (typeof KNOBS)[Name] extends { readonly ms: number } ? Name : never }[KnobName]>): number {
    const random = this.#settings.get(name)?.random ?? (() => 0);
    // Most are short, some as long as may be.
    return Math.round(KNOBS[name].ms * random() ** 2);
  }

  /** Any number in [0, 1) from the fault's own stream. */
  draw(name: KnobName): number {
    return this.#settings.get(name)?.random() ?? 0;
  }
}
