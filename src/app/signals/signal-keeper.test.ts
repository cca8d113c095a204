/** What is kept of signals: the newest state, points not too near to each other, nothing lost while the database is away but the oldest points. */
import { afterEach, describe, expect, it } from 'vitest';
import { aSignal } from '#core/signals/signal.fixture.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { MemorySignals } from '#test/support/memory-signals.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { KEEP_MS, MAX_WAITING_POINTS, SignalKeeper } from './signal-keeper.ts';

const AT = 1_790_000_000_000;
const clock = new ManualClock();
const lines: KeptLine[] = [];
let kept: MemorySignals;
let keeper: SignalKeeper;
function open(): void {
  kept = new MemorySignals();
  keeper = new SignalKeeper({
    store: { signals: { ...kept.store } as never },
    clock,
    log: quietLog(lines),
    lease: { subject: 'scanner:signals', owner: 'one', epoch: 1 },
  });
  keeper.start();
}
afterEach(() => keeper.close());

describe('a keeper', () => {
  it('keeps the newest state of each signal with points that are apart, turns always', async () => {
    open();
    keeper.add(aSignal({ id: 'a', version: 1 }), true);
    keeper.add(aSignal({ id: 'a', version: 2, updatedAt: AT + 1_999 }), false);
    keeper.add(aSignal({ id: 'a', version: 3, updatedAt: AT + 2_000 }), false);
    keeper.add(aSignal({ id: 'a', version: 4, updatedAt: AT + 2_001 }), true);
    await clock.advance(KEEP_MS);
    expect(kept.signals.get('a')?.version).toBe(4);
    expect(kept.points.map(({ at }) => at - AT)).toEqual([0, 2_000, 2_001]);
    expect(keeper.waiting).toBe(0);
  });

  it('keeps what it could not, once it can, and says so once', async () => {
    open();
    kept.isDown = true;
    keeper.add(aSignal({ id: 'a', version: 1 }), true);
    keeper.addOutcome({ signalId: 'a', minutes: 1, at: AT, netPercent: '1', problem: '' });
    await clock.advance(3 * KEEP_MS);
    expect(lines.filter(({ message }) => message.startsWith('signals could not be kept'))).toHaveLength(1);
    keeper.add(aSignal({ id: 'a', version: 2 }), false);
    kept.isDown = false;
    await clock.advance(KEEP_MS);
    expect([kept.signals.get('a')?.version, kept.points.length, kept.outcomes.length]).toEqual([2, 1, 1]);
  });

  it('lets the oldest points give way, and counts them', async () => {
    open();
    kept.isDown = true;
    for (let at = 0; at < MAX_WAITING_POINTS + 3; at += 1) keeper.add(aSignal({ id: 'a', version: at + 1, updatedAt: AT + at }), true);
    expect(keeper.lostPoints).toBe(3);
    expect(keeper.waiting).toBe(MAX_WAITING_POINTS + 1);
    // Whose process ends while the database is away loses what waits, and does not wait for ever.
    await keeper.close();
  });

  it('keeps all of a lot that waits when it closes', async () => {
    open();
    for (let id = 0; id < 1_200; id += 1) keeper.add(aSignal({ id: String(id) }), true);
    await keeper.close();
    expect([kept.signals.size, kept.points.length]).toEqual([1_200, 1_200]);
  });
});
