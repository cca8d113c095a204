import { expect, it } from 'vitest';
import type { NewEquityPoint } from '#core/store/runs.ts';
import type { Store } from '#core/store/store.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { EQUITY_MS, EquityRecorder } from './equity-recorder.ts';

function setUp(runs: number, isBroken = false) {
  const clock = new ManualClock();
  const begun = clock.now();
  const statements: { readonly afterMs: number; readonly runs: readonly string[] }[] = [];
  const addEquity = async (points: readonly NewEquityPoint[]) => {
    statements.push({ afterMs: clock.now() - begun, runs: points.map(({ runId }) => runId) });
    if (isBroken) throw new Error('away');
  };
  const readings = Array.from({ length: runs }, (_, index) => () => {
    const lease = { subject: `bot:${index}`, owner: 'me', epoch: 1 };
    return index === 0 ? null : { lease, runId: `r${index}`, profit: '1', price: '100' };
  });
  const store = { runs: { addEquity } } as unknown as Store;
  const recorder = new EquityRecorder({ store, clock, log: quietLog(), readings: () => readings });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await clock.advance(1_000);
      await settle();
    }
  };
  return { recorder, statements, pass };
}

it('notes every run that has a price once a minute, thousands of them one part after the other', async () => {
  const { recorder, statements, pass } = setUp(1_000);
  recorder.start();
  await pass(2 * EQUITY_MS - 1_000);
  expect(new Set(statements.flatMap(({ runs }) => runs)).size).toBe(999);
  expect(statements.flatMap(({ runs }) => runs)).toHaveLength(999);
  expect(statements.map(({ afterMs }) => afterMs)).toEqual([60_000, 66_000, 72_000, 78_000, 84_000]);
  await pass(1_000);
  expect(statements[5]?.afterMs).toBe(2 * EQUITY_MS);
  recorder.close();
});

it('goes on after a statement that failed, and ends in the midst of a round when it is closed', async () => {
  const { recorder, statements, pass } = setUp(1_000, true);
  recorder.start();
  await pass(70_000);
  expect(statements).toHaveLength(2);
  recorder.close();
  await pass(60_000);
  expect(statements).toHaveLength(2);
});
