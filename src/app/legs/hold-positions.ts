/** Has an account hold the perpetuals of a run as the run was planned. */
import { AppError, PortError } from '#core/errors.ts';
import type { RunRecipe } from '#core/store/runs.ts';
import type { TradingSession } from '#core/venue-ports.ts';

/**
 * Has the account hold the run's perpetuals as the run was planned, before it places anything; harmless when it stands so. Of a run
 * that goes on, one that the venue no longer knows is left as it is: nothing can be opened in it, and the run must be able to close its
 * other legs. Throws PortError, `account_mode_unsupported` for an account that keeps longs and shorts apart.
 */
export async function holdPositions(
  session: Pick<TradingSession, 'perpetual'>,
  recipe: Held & Pick<RunRecipe, 'otherLegs'>,
  isResumed: boolean,
): Promise<void> {
  for (const { instrument, limits, marginMode } of [recipe, ...(recipe.otherLegs ?? [])]) {
    if (instrument.kind !== 'perpetual') continue;
    try {
      await session.perpetual?.setLeverage(instrument.symbol, limits.leverage ?? 1, marginMode ?? 'isolated');
    } catch (error) {
      if (!isResumed || !isGone(error)) throw error;
    }
  }
}

type Held = Pick<RunRecipe, 'instrument' | 'limits' | 'marginMode'>;

function isGone(error: unknown): boolean {
  return (error instanceof PortError || error instanceof AppError) && error.code === 'symbol_unknown';
}
