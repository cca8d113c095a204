/**
 * What a user wants to be told of without any bot, and when it has come true: each alert watches one figure and speaks once, or again
 * after the figure has clearly gone back and the pause is over. Pure; figures are exact decimals.
 */
import { Decimal, type DecimalString, decimal, plain } from '../money.ts';

/** Which way a price has to go. */
export type AlertDirection = 'up' | 'down' | 'either';

export type AlertCondition =
  /** The price, middle of bid and ask, comes to or past this one. */
  | { readonly kind: 'price_crosses'; readonly exchange: string; readonly symbol: string; readonly price: DecimalString; readonly direction: AlertDirection }
  /** The price moves by so many per cent within so many minutes. */
  | {
      readonly kind: 'price_moves';
      readonly exchange: string;
      readonly symbol: string;
      readonly percent: DecimalString;
      readonly windowMinutes: number;
      readonly direction: AlertDirection;
    }
  /** The next funding of a perpetual, in per cent, is at or beyond this. */
  | { readonly kind: 'funding_beyond'; readonly exchange: string; readonly symbol: string; readonly percent: DecimalString; readonly side: 'above' | 'below' }
  /** What an account has of a coin, free and in orders, is below this. */
  | { readonly kind: 'balance_below'; readonly accountId: string; readonly asset: string; readonly amount: DecimalString }
  /** A bot's profit is this much below its best since the alert was set, in quote. */
  | { readonly kind: 'drawdown_above'; readonly botId: string; readonly amount: DecimalString }
  /** A bot's profit is at or above this, in quote. */
  | { readonly kind: 'target_reached'; readonly botId: string; readonly amount: DecimalString };

/** What an alert remembers of the figure it watches; plain data. */
export interface AlertMemory {
  /** On which side of the line the price was clearly seen last; `at` since it came there. */
  readonly side?: 'above' | 'below' | 'at';
  /** The best profit so far, and of which run. */
  readonly peak?: DecimalString;
  readonly run?: string;
}

/** How an alert stands. */
export interface AlertStanding {
  readonly isArmed: boolean;
  readonly triggeredAt: number | null;
  readonly memory: AlertMemory;
}

/** What an observation comes to. `shown` is the figure as it is told. */
interface Finding {
  readonly isMet: boolean;
  /** Whether the figure has clearly gone back, so that it may be told again. */
  readonly isClear: boolean;
  readonly memory: AlertMemory;
  readonly shown: DecimalString;
}

/** Whoever moves about a price by less than this share of it does not cross it again and again. */
export const PRICE_HYSTERESIS = '0.001';
/** A level counts as left once the figure is this share of it away. */
export const LEVEL_HYSTERESIS = '0.05';
/** A move is told to this many places of a per cent. */
const PERCENT_PLACES = 2;

/** Moves an alert on by one observation of its figure; `triggers` when it is to speak now. */
export function advanceAlert(
  { condition, cooldownMs }: { readonly condition: AlertCondition; readonly cooldownMs: number },
  standing: AlertStanding,
  value: Decimal,
  at: number,
): { readonly standing: AlertStanding; readonly triggers: boolean; readonly shown: DecimalString } {
  const { isMet, isClear, memory, shown } = look(condition, standing.memory, value);
  const isArmed = standing.isArmed || isClear;
  const isResting = standing.triggeredAt !== null && at - standing.triggeredAt < cooldownMs;
  const triggers = isMet && isArmed && !isResting;
  return { standing: { isArmed: triggers ? false : isArmed, triggeredAt: triggers ? at : standing.triggeredAt, memory }, triggers, shown };
}

function look(condition: AlertCondition, memory: AlertMemory, value: Decimal): Finding {
  switch (condition.kind) {
    case 'price_crosses':
      return crossing(condition, memory, value);
    case 'price_moves':
      return moving(condition, value);
    case 'funding_beyond':
      return level(value, decimal(condition.percent), condition.side, {});
    case 'balance_below': {
      const finding = level(value, decimal(condition.amount), 'below', {});
      // What is exactly there is not below.
      return { ...finding, isMet: value.lt(condition.amount) };
    }
    case 'drawdown_above': {
      const peak = memory.peak === undefined ? value : Decimal.max(memory.peak, value);
      return level(peak.minus(value), decimal(condition.amount), 'above', { ...memory, peak: plain(peak) });
    }
    case 'target_reached':
      return level(value, decimal(condition.amount), 'above', memory);
  }
}

/** A price that comes from one side to the line or past it. After that it has to be clearly off the line before it can cross again. */
function crossing({ price, direction }: Extract<AlertCondition, { readonly kind: 'price_crosses' }>, { side }: AlertMemory, value: Decimal): Finding {
  const line = decimal(price);
  const margin = line.times(PRICE_HYSTERESIS);
  const isUp = side === 'below' && value.gte(line);
  const isDown = side === 'above' && value.lte(line);
  const isMet = (isUp && direction !== 'down') || (isDown && direction !== 'up');
  const isFresh = side === undefined && !value.eq(line);
  const clear = isFresh || value.minus(line).abs().gte(margin) ? (value.gt(line) ? 'above' : 'below') : null;
  return { isMet, isClear: true, memory: { side: clear ?? (isUp || isDown ? 'at' : (side ?? 'at')) }, shown: plain(value) };
}

/** `value` is the greatest move there was within the window, signed, in per cent. */
function moving({ percent, direction }: Extract<AlertCondition, { readonly kind: 'price_moves' }>, value: Decimal): Finding {
  const isThatWay = direction === 'either' || (direction === 'up') === value.gt(0);
  const isMet = isThatWay && value.abs().gte(percent);
  return { isMet, isClear: !isMet, memory: {}, shown: plain(value.toDecimalPlaces(PERCENT_PLACES)) };
}

function level(value: Decimal, wanted: Decimal, side: 'above' | 'below', memory: AlertMemory): Finding {
  const margin = wanted.abs().times(LEVEL_HYSTERESIS);
  const isMet = side === 'above' ? value.gte(wanted) : value.lte(wanted);
  const isClear = side === 'above' ? value.lt(wanted.minus(margin)) : value.gt(wanted.plus(margin));
  return { isMet, isClear, memory, shown: plain(value) };
}
