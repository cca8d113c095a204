/** The part of the store that keeps signals, in memory: what was kept, and a switch that makes it fail. */
import { PortError } from '#core/errors.ts';
import type { OutcomeNews } from '#core/signals/outcomes.ts';
import type { Signal, SignalPoint } from '#core/signals/signal.ts';
import type { SignalStore } from '#core/signals/signal-store.ts';

export class MemorySignals {
  readonly signals = new Map<string, Signal>();
  readonly points: (SignalPoint & { readonly signalId: string })[] = [];
  readonly outcomes: OutcomeNews[] = [];
  isDown = false;
  readonly store: Pick<SignalStore, 'keep' | 'leftOpen'> = {
    keep: async (_lease, batch) => {
      if (this.isDown) throw new PortError('store_unavailable', 'the database does not answer', { outcome: 'failed' });
      for (const signal of batch.signals) if ((this.signals.get(signal.id)?.version ?? 0) < signal.version) this.signals.set(signal.id, signal);
      this.points.push(...batch.points);
      this.outcomes.push(...batch.outcomes);
    },
    leftOpen: async (limit) => [...this.signals.values()].filter(({ state }) => state === 'open').slice(0, limit),
  };
}
