/** A strategy by its name, whosever it is. */
import { AppError } from '#core/errors.ts';
import { parseParams } from '#core/params.ts';
import type { Strategy } from '#core/strategy.ts';
import type { BacktestSettings } from '../backtest/backtest-settings.ts';
import { strategyNamed } from '../bots/bot-planning.ts';
import type { OwnStrategies, PinnedProgram } from './own-strategies.ts';

export interface KnownStrategies {
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Users' own; left out where there is no sandbox for them. */
  readonly own?: OwnStrategies | undefined;
}

/** One of the product, or a version of the user's own as far as it can be described. Throws AppError `strategy_unknown`. */
export async function anyStrategy(known: KnownStrategies, userId: string, name: string): Promise<Strategy> {
  const found = await ownStrategy(known, userId, name);
  return found === null ? strategyNamed(known.strategies, name) : found.own.describe(found.pinned);
}

/** A version of the user's own; `null` for a strategy of the product. Throws AppError `strategy_unknown`. */
export async function ownStrategy(
  { own }: Pick<KnownStrategies, 'own'>,
  userId: string,
  name: string,
): Promise<{ readonly own: OwnStrategies; readonly pinned: PinnedProgram } | null> {
  const pinned = (await own?.find(userId, name)) ?? null;
  return own === undefined || pinned === null ? null : { own, pinned };
}

/** The strategy with the bars and the instruments that it wants for these settings. Throws AppError `strategy_unknown` or `validation_failed`. */
export async function shapedStrategy(
  known: KnownStrategies,
  userId: string,
  { strategy, config, instrument }: Pick<BacktestSettings, 'strategy' | 'config' | 'instrument'>,
): Promise<Strategy> {
  const found = await ownStrategy(known, userId, strategy);
  if (found === null) return strategyNamed(known.strategies, strategy);
  const parsed = parseParams(found.pinned.declaration.params, config);
  if (!parsed.ok) throw new AppError('validation_failed', parsed.issues.map(({ field, message }) => `${field} ${message}`).join('; '), parsed.issues);
  return await found.own.shaped(found.pinned, parsed.value, instrument);
}
