/** The socket of the signals, for VIP: what a connection filters by, and the user's own choices. */
import { SIGNAL_TOPIC, type SignalStream } from '#app/live/signal-stream.ts';
import type { Change } from '#app/live/stream.ts';
import { CHOICES_CHANGED, type SignalViews } from '#app/signal-views/signal-views.ts';
import type { Bus } from '#core/ports.ts';
import type { SignalChoices } from '#core/signals/choices.ts';
import type { Signal } from '#core/signals/signal.ts';
import { presentSignal } from '../schemas/signals.ts';
import type { SocketKind } from './connection.ts';
import { readMessage, SignalMessage, type SignalWish } from './messages.ts';

/** What is told over a socket is what is so now; outcomes come later and are read with the signal. */
export function presentLive(signal: Signal): ReturnType<typeof presentSignal> {
  return presentSignal({ signal, outcomes: [], isDelayed: false });
}

/** The choices of those who are connected, as they are now. */
export class ChoicesBook {
  readonly #views: SignalViews;
  readonly #books = new Map<string, Chosen>();
  readonly #unsubscribe: () => void;

  constructor(views: SignalViews, bus: Bus) {
    this.#views = views;
    const renew = (userId: string): void => void this.of(userId).catch(() => undefined);
    this.#unsubscribe = bus.subscribe(
      CHOICES_CHANGED,
      ({ userId }) => (this.#books.has(String(userId)) ? renew(String(userId)) : undefined),
      () => this.#books.forEach((_book, userId) => void renew(userId)),
    );
  }

  /** Read now, and kept up to date in place. */
  async of(userId: string): Promise<Chosen> {
    const [choices, hidden] = await Promise.all([this.#views.choices(userId), this.#views.hidden(userId)]);
    const book = this.#books.get(userId) ?? { choices, hidden: new Set() };
    book.choices = choices;
    book.hidden = new Set(hidden);
    this.#books.delete(userId);
    this.#books.set(userId, book);
    const oldest = this.#books.keys().next();
    if (this.#books.size > MAX_BOOKS && oldest.done === false) this.#books.delete(oldest.value);
    return book;
  }

  close(): void {
    this.#unsubscribe();
  }
}

/** More than users can be connected. */
const MAX_BOOKS = 5_000;

interface Chosen {
  choices: SignalChoices;
  hidden: ReadonlySet<string>;
}

export function signalKind(signals: SignalStream, books: ChoicesBook): SocketKind & { readonly path: string } {
  return {
    path: '/ws/signals',
    name: 'signals',
    needsVip: true,
    topics: [SIGNAL_TOPIC],
    read: (text) => readMessage(SignalMessage, text),
    follow: (_userId, onChange) => signals.follow(onChange),
    shows: async (userId, filter) => showing(filter as SignalWish | undefined, await books.of(userId)),
  };
}

type Wire = ReturnType<typeof presentLive>;

function showing(wish: SignalWish | undefined, chosen: Chosen): (change: Change) => boolean {
  const [scanners, venues, bases] = [wish?.scanners, wish?.venues, wish?.bases].map((words) => (words === undefined ? null : new Set(words)));
  const [minNet, minSize] = [wish?.min_net_percent, wish?.min_size].map((least) => (least === undefined ? Number.NEGATIVE_INFINITY : Number(least)));
  return ({ key, data }) => {
    if (data === null) return true;
    const signal = data as unknown as Wire;
    if (signal.quarantine !== null && wish?.quarantined !== true) return false;
    if (scanners != null && !scanners.has(signal.scanner)) return false;
    if (bases != null && !bases.has(signal.base)) return false;
    if (venues != null && !signal.legs.some(({ venue }) => venues.has(venue))) return false;
    // Doubles are exact enough to choose by; what is shown stays as it is.
    if (Number(signal.net_percent) < Number(minNet) || Number(signal.max_size_quote) < Number(minSize)) return false;
    return !chosen.hidden.has(key) && isChosen(signal, chosen.choices);
  };
}

function isChosen(signal: Wire, { minNetPercent, minSizeQuote, mutedBases, mutedVenues, mutedScanners }: SignalChoices): boolean {
  if (minNetPercent !== null && Number(signal.net_percent) < Number(minNetPercent)) return false;
  if (minSizeQuote !== null && Number(signal.max_size_quote) < Number(minSizeQuote)) return false;
  if (mutedBases.includes(signal.base) || mutedScanners.includes(signal.scanner)) return false;
  return mutedVenues.length === 0 || !signal.legs.some(({ venue }) => mutedVenues.includes(venue));
}
