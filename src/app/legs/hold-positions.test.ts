/** How an account is made to hold a run's perpetuals, also where one of them is gone. */
import { describe, expect, it } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import type { RiskLimits } from '#core/risk.ts';
import { TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { holdPositions } from './hold-positions.ts';

const LIMITS: RiskLimits = { budgetAtoms: 1, maxOrderAtoms: 1, maxOpenOrders: 1, priceCollar: 0.1, ordersPerMinute: 1, leverage: 3 };
const GONE: Instrument = { ...TEST_PERPETUAL, symbol: 'OLD/USDT:USDT' };

const leg = (name: string, instrument: Instrument) => ({ name, instrument, limits: LIMITS, lentGrains: 0, feeAsset: 'quote' as const });
const RECIPE = { instrument: TEST_INSTRUMENT, limits: LIMITS, otherLegs: [leg('gone', GONE), leg('perpetual', TEST_PERPETUAL)] };

function session(code: 'symbol_unknown' | 'venue_unavailable') {
  const asked: string[] = [];
  const setLeverage = async (symbol: string, leverage: number): Promise<void> => {
    asked.push(`${symbol} ${leverage}`);
    if (symbol === GONE.symbol) throw new PortError(code, 'no', { outcome: 'failed' });
  };
  return { asked, perpetual: { setLeverage, positions: async () => [], fundingSince: async () => [] } };
}

describe('holding the perpetuals of a run', () => {
  it('passes over one that is gone where the run goes on, so that it can close its other legs', async () => {
    const { asked, ...own } = session('symbol_unknown');
    await holdPositions(own, RECIPE, true);
    expect(asked).toEqual(['OLD/USDT:USDT 3', 'ABC/USDT:USDT 3']);
  });

  it('begins no run with one that is gone', async () => {
    await expect(holdPositions(session('symbol_unknown'), RECIPE, false)).rejects.toMatchObject({ code: 'symbol_unknown' });
  });

  it('goes on with none that it could not ask about', async () => {
    await expect(holdPositions(session('venue_unavailable'), RECIPE, true)).rejects.toMatchObject({ code: 'venue_unavailable' });
  });
});
