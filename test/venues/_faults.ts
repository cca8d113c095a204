/**
 * Faults as data: which requests or stream frames they meet, what they do, how often. The server applies them; no
 * dialect knows of them.
 */
import type { Random } from './_random.ts';

/** Before the venue acts on a request. `hang` holds it until it is released, if ever; `notFound` answers that it knows no such order (reads that lag behind). */
export type BeforeKind = 'hang' | 'notFound' | 'reset' | 'status' | 'rateLimited' | 'banned' | 'maintenance' | 'latency';
/** After it has acted. `hang` withholds the answer, `cut` breaks it off half way, `junk` sends a page instead, `slow` sends it after `ms`. */
export type AfterKind = 'hang' | 'reset' | 'status' | 'stateUnknown' | 'cut' | 'junk' | 'slow';
/** On a stream, by frame: `silent` swallows all frames and pongs while it lasts; `reorder` lets the next frame go first; `drop` breaks the connection; by connection: `refuse`. */
export type StreamKind = 'drop' | 'refuse' | 'silent' | 'lose' | 'duplicate' | 'reorder' | 'delay';

interface Match {
  /** An operation of the dialect (`placeOrder`, `cancelOrder`, `findOrder`, ...) or, for streams, a kind of frame (`order`, `fill`, `balances`, `quote`, ...). */
  readonly operation?: string;
  readonly symbol?: string;
  readonly clientOrderId?: string;
  readonly account?: string;
  /** For streams only. */
  readonly stream?: 'public' | 'private';
  /** How many times it strikes; 1 if not given, `null` for as long as it stands. */
  readonly count?: number | null;
  /** How many matches pass before it strikes. */
  readonly skip?: number;
  /** Only while the order the request is about is no older than this, and while there is none: venues list late, not never. */
  readonly maxAgeMs?: number;
  /** Chance to strike at a match, from the world's seed; 1 if not given. */
  readonly probability?: number;
  /** Milliseconds of `latency`, `slow` and `delay`. */
  readonly ms?: number;
  /** HTTP status of `status`; 502 if not given. */
  readonly status?: number;
  /** Retry-After of `rateLimited` and `banned` in seconds. */
  readonly retryAfter?: number;
}

export type Fault =
  | (Match & { readonly where: 'before'; readonly kind: BeforeKind })
  | (Match & { readonly where: 'after'; readonly kind: AfterKind })
  | (Match & { readonly where: 'stream'; readonly kind: StreamKind });

/** What a fault is matched against. */
export interface Subject {
  readonly operation: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly account: string;
  readonly stream?: 'public' | 'private';
  /** Age of the order the request names, where there is one. */
  readonly ageMs?: number;
}

interface Standing {
  readonly fault: Fault;
  left: number;
  skip: number;
}

const KINDS: Readonly<Record<Fault['where'], readonly string[]>> = {
  before: ['hang', 'notFound', 'reset', 'status', 'rateLimited', 'banned', 'maintenance', 'latency'],
  after: ['hang', 'reset', 'status', 'stateUnknown', 'cut', 'junk', 'slow'],
  stream: ['drop', 'refuse', 'silent', 'lose', 'duplicate', 'reorder', 'delay'],
};

export class Faults {
  readonly #random: Random;
  #standing: Standing[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Throws for a kind that does not exist at that place. */
  add(fault: Fault): void {
    if (!KINDS[fault.where]?.includes(fault.kind)) throw new RangeError(`there is no fault ${fault.kind} at ${fault.where}`);
    this.#standing.push({ fault, left: fault.count === null ? Number.POSITIVE_INFINITY : (fault.count ?? 1), skip: fault.skip ?? 0 });
  }

  clear(): void {
    this.#standing = [];
  }

  list(): readonly Fault[] {
    return this.#standing.map((standing) => standing.fault);
  }

  /** The first fault that strikes here, counted as struck. */
  strike(where: 'before', subject: Subject): Extract<Fault, { where: 'before' }> | null;
  strike(where: 'after', subject: Subject): Extract<Fault, { where: 'after' }> | null;
  strike(where: 'stream', subject: Subject, kinds: readonly StreamKind[]): Extract<Fault, { where: 'stream' }> | null;
  strike(where: Fault['where'], subject: Subject, kinds?: readonly StreamKind[]): Fault | null {
    for (const standing of this.#standing) {
      const { fault } = standing;
      if (fault.where !== where || !meets(fault, subject)) continue;
      if (fault.where === 'stream' && kinds?.includes(fault.kind) !== true) continue;
      if (fault.probability !== undefined && this.#random() >= fault.probability) continue;
      if (standing.skip > 0) {
        standing.skip -= 1;
        continue;
      }
      standing.left -= 1;
      if (standing.left <= 0) this.#standing = this.#standing.filter((each) => each !== standing);
      return fault;
    }
    return null;
  }
}

function meets(fault: Fault, subject: Subject): boolean {
  return (
    (fault.operation ?? subject.operation) === subject.operation &&
    (fault.symbol ?? subject.symbol) === subject.symbol &&
    (fault.clientOrderId ?? subject.clientOrderId) === subject.clientOrderId &&
    (fault.account ?? subject.account) === subject.account &&
    (fault.stream ?? subject.stream) === subject.stream &&
    (subject.ageMs ?? 0) <= (fault.maxAgeMs ?? Number.POSITIVE_INFINITY)
  );
}
