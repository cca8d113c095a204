/** Time, timers and chance. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after `ms`; the returned function calls it off. */
  after(ms: number, callback: () => void): () => void;
}

export interface Ids {
  /** A new opaque id, unique for ever. */
  next(): string;
  /** Unguessable text of `bytes` random bytes. */
  secret(bytes: number): string;
}

/** One structured line per fact. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  child(fields: Readonly<Record<string, unknown>>): Log;
}

/** Wake-ups and fan-out. Losing a message loses no fact: the truth is in the store. */
export interface Bus {
  /** Goes to every subscriber of the topic, here and in other processes; the caller never waits and never hears of a failure. */
  publish(topic: string, message: Readonly<Record<string, unknown>>): void;
  /**
   * Returns the function that ends the subscription. `onGap` is called whenever messages may have been lost, such as after
   * every reconnect: time to look at the truth at once instead of waiting for the next sweep.
   */
  subscribe(topic: string, handler: (message: Readonly<Record<string, unknown>>) => void, onGap?: () => void): () => void;
}

/** A bus as the process that opened it holds it. */
export interface OpenBus extends Bus {
  /** How messages travel. */
  readonly kind: 'memory' | 'postgres' | 'redis';
  /** Whether messages reach other processes at present; those of this process are delivered in any case. */
  isUp(): boolean;
  /** Settles when it is up for the first time; rejects when it is closed before. Nobody has to wait for that. */
  ready(): Promise<void>;
  /** Delivers nothing from now on; what has been published is still sent where that is possible at once. */
  close(): Promise<void>;
}

/** What the processes behind one address of the internet share of the venues' request budgets. */
export interface SharedBudgets {
  /** Joins the budget of this name. `onBrake` hears, as a duration from now, every demand for silence that any process was told. */
  join(name: string, limits: { readonly weight: number; readonly windowMs: number }, onBrake: (brakeMs: number) => void): SharedBudget;
  close(): Promise<void>;
}

/** One shared budget as one process sees it. */
export interface SharedBudget {
  /**
   * Takes `weight` of the present window if all processes together have spent no more than `ceiling` after it. `ownUsed` is what this process
   * has spent in its window, this included: where the others' spending cannot be asked, its fair part of the ceiling decides.
   */
  take(weight: number, ceiling: number, ownUsed: number): Promise<{ readonly isGranted: true } | { readonly isGranted: false; readonly retryMs: number }>;
  /** Passes on what the venue said: its own count of the window, and its demand for silence. */
  tell(news: { readonly usedWeight: number | null; readonly brakeMs: number | null }): void;
  leave(): void;
}

/** Seals a user's secrets under the master key. */
export interface Vault {
  /** `context` (user, account, purpose) is bound in: a sealed text moved elsewhere does not open. */
  seal(plaintext: string, context: string): { readonly sealed: string; readonly keyVersion: number };
  open(sealed: string, context: string): string;
  /** The same for the same text and purpose, and of no use to anybody without the master key: tells whether a secret is stored already. */
  fingerprint(secret: string, purpose: string): string;
}

export interface Passwords {
  hash(password: string): Promise<string>;
  matches(password: string, hash: string): Promise<boolean>;
}
