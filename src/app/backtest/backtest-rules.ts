/** Rules of a user in a backtest: as a bot's are checked and planned, but for those that live by prices a candle does not tell. */
import type { ActionRules } from '#core/actions/action-state.ts';
import type { RunRules } from '#core/actions/run-actions.ts';
import { AppError } from '#core/errors.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import type { Strategy } from '#core/strategy.ts';
import type { VenueCapabilities } from '#core/venue-ports.ts';
import { checkRules, planRules } from '../bots/bot-rules.ts';

/**
 * Whether a price is watched that no order at the venue stands for: the path inside a candle stops at orders alone, so what is watched
 * would be seen too late, at a price that is too good or too bad.
 */
export function watchesPrices({ takeProfit, stopLoss, stopType }: RunRules): boolean {
  return stopLoss !== null && (takeProfit !== null || stopType === null);
}

/** Throws AppError `validation_failed` naming the rules at fault. */
export function backtestRules(actions: ActionRules, strategy: Strategy, instrument: Instrument, capabilities: VenueCapabilities): RunRules {
  checkRules(actions, strategy);
  const rules = planRules(actions, new Scale(instrument), capabilities);
  if (!watchesPrices(rules)) return rules;
  const message = 'watches a price between candles, which a backtest does not tell; leave it out, or take_profit where both are given';
  throw new AppError('validation_failed', `actions.stop_loss ${message}`, [{ field: 'actions.stop_loss', message }]);
}
