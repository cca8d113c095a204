/**
 * What strategies share that may trade a perpetual: how its position is held, what that needs, and at which price the
 * exchange would close it. Figures are worked out as if every order against us had filled, at its own price.
 */
import { GRAINS_PER_LOT, type Scale } from '#core/instrument.ts';
import type { Issue, ParamsSpec } from '#core/params.ts';
import type { MarginMode } from '#core/perpetual-ports.ts';
import { DEFAULT_MAINTENANCE_RATE, liquidationTicks } from '#core/perpetual-position.ts';
import { emptyPosition } from '#core/position.ts';

export const PERPETUAL_FIELDS = {
  leverage: {
    kind: 'integer',
    min: 1,
    max: 125,
    default: 1,
    title: { en: 'Leverage', ru: 'Плечо' },
    help: {
      en: 'Perpetuals only: how many times its margin the position may be worth. Left out: 1.',
      ru: 'Только для бессрочных контрактов: во сколько раз позиция может быть больше маржи. По умолчанию 1.',
    },
  },
  margin_mode: {
    kind: 'choice',
    options: ['isolated', 'cross'],
    default: 'isolated',
    title: { en: 'Margin', ru: 'Маржа' },
    help: {
      en: 'Perpetuals only. isolated: the position can lose its own margin, and is closed by the exchange sooner. cross: all of the wallet stands behind it. Left out: isolated.',
      ru: 'Только для бессрочных контрактов. isolated: позиция рискует только своей маржой, биржа закрывает её раньше. cross: за неё отвечает весь кошелёк. По умолчанию isolated.',
    },
  },
} as const satisfies ParamsSpec;

interface PerpetualParams {
  readonly leverage: number;
  readonly margin_mode: MarginMode;
}

/** Leverage where there is none, or more of it than the exchange gives. */
export function leverageIssues({ leverage }: PerpetualParams, scale: Scale): readonly Issue[] {
  const { perpetual, symbol } = scale.instrument;
  if (perpetual === null) return leverage === 1 ? [] : [{ field: 'leverage', message: `must be 1: ${symbol} is a spot instrument` }];
  return leverage <= perpetual.maxLeverage ? [] : [{ field: 'leverage', message: `must be at most ${perpetual.maxLeverage} for ${symbol}, got ${leverage}` }];
}

/** A purchase, or of a short a sale, that opens or enlarges a position. */
export interface Entry {
  readonly ticks: number;
  readonly lots: number;
}

/** Margin a position needs when all entries have filled and the price stands at `worstTicks`: its own, and what it has lost by then; fees come on top. */
export function marginNeed(entries: readonly Entry[], isShort: boolean, worstTicks: number, { leverage }: Pick<PerpetualParams, 'leverage'>): number {
  let value = 0;
  let lots = 0;
  for (const entry of entries) {
    value += entry.ticks * entry.lots;
    lots += entry.lots;
  }
  const lost = Math.max(0, isShort ? lots * worstTicks - value : value - lots * worstTicks);
  return Math.ceil(value / leverage) + lost;
}

/** The price at which the exchange would close the position, in ticks, after each entry; `null` where no price is that bad. An estimate: see {@link liquidationTicks}. */
export function liquidationsAfter(
  entries: readonly Entry[],
  isShort: boolean,
  { leverage, margin_mode: mode }: PerpetualParams,
  scale: Scale,
  budgetAtoms: number,
): readonly (number | null)[] {
  const rate = Number(scale.instrument.perpetual?.maintenanceMarginRate ?? DEFAULT_MAINTENANCE_RATE);
  const sign = isShort ? -1 : 1;
  let value = 0;
  let lots = 0;
  return entries.map((entry) => {
    value += entry.ticks * entry.lots;
    lots += entry.lots;
    const position = { ...emptyPosition(), baseGrains: sign * lots * GRAINS_PER_LOT, costAtoms: sign * value };
    const ticks = liquidationTicks(position, mode === 'cross' ? budgetAtoms : value / leverage, rate);
    if (ticks === null) return null;
    return isShort ? Math.floor(ticks) : Math.ceil(ticks);
  });
}
