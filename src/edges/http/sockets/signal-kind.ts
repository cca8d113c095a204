/** The socket of the signals, for VIP: what a connection filters by, and the user's own choices. */
import { SIGNAL_TOPIC, type SignalStream } from '#app/live/signal-stream.ts';
import type { Change } from '#app/live/stream.ts';
import type { SignalChoices } from '#core/signals/choices.ts';
import type { Signal } from '#core/signals/signal.ts';
import { presentSignal } from '../schemas/signals.ts';
import type { ChoicesBook, Chosen } from './choices-book.ts';
import type { SocketKind } from './connection.ts';
import { readMessage, SignalMessage, type SignalWish } from './messages.ts';

/** What is told over a socket is what is so now; outcomes come later and are read with the signal. */
export function presentLive(signal: Signal): ReturnType<typeof presentSignal> {
  return presentSignal({ signal, outcomes: [], isDelayed: false });
}

export function signalKind(signals: SignalStream, books: ChoicesBook): SocketKind & { readonly path: string } {
  return {
    path: '/ws/signals',
    name: 'signals',
    needsVip: true,
    topics: [SIGNAL_TOPIC],
    read: (text) => readMessage(SignalMessage, text),
    follow: async (userId, onChange) => {
      const { stream, leave } = await signals.follow(onChange);
      const forget = books.followed(userId);
      return {
        stream,
        leave: () => {
          forget();
          leave();
        },
      };
    },
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
