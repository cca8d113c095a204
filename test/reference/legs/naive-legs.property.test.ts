/**
 * A backtest over several instruments that passes over what nobody waits for does what one does that goes through every price: the same
 * orders at the same times, the same books and figures, whatever the market, its gaps, its spread and the settings.
 */
import { describe, expect, it } from 'vitest';
import { runLegsBacktest } from '#app/backtest/legs/legs-backtest.ts';
import { legsReport } from '#app/backtest/legs/legs-report.ts';
import { replay } from '#app/run/tape.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import { CASES, optionsOf, SEEDS } from './legs-cases.fixture.ts';
import { type NaiveResult, naiveLegs } from './naive-legs.ts';

/** What was done, and at what word; prices that led to nothing are not told. */
function deedsOf(tape: readonly JournalEntry[]): readonly string[] {
  return tape.flatMap(({ event, commands }) => (event.type === 'quoteChanged' && commands.length === 0 ? [] : [JSON.stringify({ event, commands })]));
}

/** All of a result but its tape, and what was there before the run. */
function writtenOf(result: NaiveResult): string {
  const { bars, startedAt, endedAt, endReason, profit, fees, funding, orders, trades, figures, notes, notesDropped } = result;
  const legs = result.legs.map(({ ledger, held, profit: own }) => ({ ...ledger, orders: [...ledger.orders], held, own }));
  return JSON.stringify({ bars, startedAt, endedAt, endReason, profit, fees, funding, orders, trades, figures, notes, notesDropped, legs });
}

/** Where two texts part, with what stands before; empty where they are the same. */
function difference(one: string, other: string): string {
  if (one === other) return '';
  let at = 0;
  while (one[at] === other[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 120), at + 80);
  return `${around(one)}\n${around(other)}`;
}

describe('a backtest over several instruments beside one that goes through every price', () => {
  for (const [name, each] of Object.entries(CASES)) {
    describe(name, () => {
      const seen = { trades: 0, liquidations: 0 };
      it.for(SEEDS)('does the same on walk %i', (seed) => {
        const options = optionsOf(each, seed);
        const fast = runLegsBacktest(options);
        const naive = naiveLegs(options, fast.setup);
        expect(difference(deedsOf(fast.tape).join('\n'), deedsOf(naive.tape).join('\n'))).toBe('');
        expect(difference(writtenOf(fast), writtenOf(naive))).toBe('');
        expect(replay(fast.setup, fast.tape)).toBeNull();
        seen.trades += fast.trades.count;
        seen.liquidations += fast.legs.flatMap(({ ledger: { fills } }) => fills.filter((fill) => fill.clientOrderId.startsWith('liquidation'))).length;
      });

      it('traded on those walks', () => {
        expect(seen.trades).toBeGreaterThan(100);
        if (each.isLiquidated === true) expect(seen.liquidations).toBeGreaterThan(0);
      });
    });
  }

  it('has the same books and report whether every price is told or not, with a tape or without', () => {
    for (const each of Object.values(CASES)) {
      const options = optionsOf(each, SEEDS[1] ?? 0);
      const fast = runLegsBacktest({ ...options, keepTape: false });
      const stepped = runLegsBacktest({ ...options, isStepped: true });
      expect(difference(JSON.stringify(legsReport(fast)), JSON.stringify(legsReport(stepped)))).toBe('');
      expect(stepped.tape.length).toBeGreaterThan(2 * stepped.bars);
    }
  });
});
