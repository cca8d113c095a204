/**
 * What a wish may look like. The same rules hold where a strategy asks, so that its author is told at the line at fault,
 * and where its answers arrive, because nothing that comes out of a sandbox is believed.
 */

import type { Context, LegContext } from '../strategy.ts';
import type { Figures, Wish } from './port.ts';

/** Wishes for one event; a strategy that wants more is running wild. */
export const MAX_WISHES = 1_000;
/** Orders asked for at one event. */
export const MAX_SUBMITS = 200;
/** Characters of a tag, of a timer's name and of a ClientOrderId. */
export const MAX_NAME = 64;
/** Characters of a text for the user. */
export const MAX_TEXT = 500;
/** Fields of the data of a report, and of figures. */
export const MAX_FIELDS = 32;
/** Later than any time that means something: the year 5138. */
const MAX_TIME = 100_000_000_000_000;

type Check = readonly [what: string, isRight: (value: unknown) => boolean, must: string];

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isNumberOrNull = (value: unknown): boolean => value === null || isNumber(value);
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isOneOf =
  (...options: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'string' && options.includes(value);
const isTextUpTo =
  (length: number) =>
  (value: unknown): boolean =>
    typeof value === 'string' && value.length <= length;

const WHOLE = 'must be a whole number, 0 or more';
const NAME = `must be a text of at most ${MAX_NAME} characters`;
const TEXT = `must be a text of at most ${MAX_TEXT} characters`;

const LEG: Check = ['leg', isTextUpTo(MAX_NAME), NAME];
const ORDER: readonly Check[] = [
  ['side', isOneOf('buy', 'sell'), 'must be "buy" or "sell"'],
  ['type', isOneOf('limit', 'market', 'stopLimit', 'stopMarket'), 'must be "limit", "market", "stopLimit" or "stopMarket"'],
  ['priceTicks', isWhole, WHOLE],
  ['triggerTicks', isWhole, WHOLE],
  ['sizeLots', isWhole, WHOLE],
  ['timeInForce', isOneOf('gtc', 'ioc', 'fok'), 'must be "gtc", "ioc" or "fok"'],
  ['postOnly', isFlag, 'must be true or false'],
  ['reduceOnly', isFlag, 'must be true or false'],
  ['tag', isTextUpTo(MAX_NAME), NAME],
];
const WATCH: readonly Check[] = [
  ['belowTicks', isNumber, 'must be a finite number'],
  ['aboveTicks', isNumberOrNull, 'must be a number'],
];

const CHECKS: Readonly<Record<Wish[0], readonly Check[]>> = {
  submit: ORDER,
  submitAt: [LEG, ...ORDER],
  cancel: [['clientOrderId', isTextUpTo(MAX_NAME), NAME]],
  watch: WATCH,
  watchAt: [LEG, ...WATCH],
  spread: [
    ['long', isTextUpTo(MAX_NAME), NAME],
    ['short', isTextUpTo(MAX_NAME), NAME],
    ['above', isNumberOrNull, 'must be a finite number or null'],
    ['below', isNumberOrNull, 'must be a finite number or null'],
  ],
  noSpread: [],
  move: [
    ['from', isTextUpTo(MAX_NAME), NAME],
    ['to', isTextUpTo(MAX_NAME), NAME],
    ['atoms', isWhole, WHOLE],
  ],
  timer: [
    ['name', isTextUpTo(MAX_NAME), NAME],
    ['at', (value) => isNumber(value) && Math.abs(value as number) <= MAX_TIME, 'must be a time in milliseconds'],
  ],
  clear: [['name', isTextUpTo(MAX_NAME), NAME]],
  report: [
    ['fact', isOneOf('target_reached', 'strategy_note'), 'must be "target_reached" or "strategy_note"'],
    ['text', isTextUpTo(MAX_TEXT), TEXT],
    ['data', isFigures, `must be an object of at most ${MAX_FIELDS} texts, finite numbers, booleans and nulls`],
  ],
  finish: [
    ['reason', isTextUpTo(MAX_TEXT), TEXT],
    ['liquidation', isOneOf('keep', 'toQuote', 'toBase'), 'must be "keep", "toQuote" or "toBase"'],
  ],
};

/** What is wrong with a wish; `null` when nothing is, and then it is a {@link Wish}. */
export function wishFault(wish: unknown): string | null {
  if (!Array.isArray(wish)) return 'a wish must be a list';
  const [type, ...values] = wish as readonly unknown[];
  const checks = checksOf(type);
  if (checks === null) return 'there is no such wish';
  if (values.length !== checks.length) return `${String(type)} takes ${checks.length} values`;
  return valuesFault(checks, values, 0);
}

/** The wish that begins at this place of a flat list from outside. Throws {@link RangeError} naming what is wrong. */
export function wishAt(values: readonly unknown[], at: number): Wish {
  const checks = checksOf(values[at]);
  if (checks === null) throw new RangeError('there is no such wish');
  const fault = valuesFault(checks, values, at + 1);
  if (fault !== null) throw new RangeError(fault);
  return values.slice(at, at + 1 + checks.length) as unknown as Wish;
}

function checksOf(type: unknown): readonly Check[] | null {
  return typeof type === 'string' && Object.hasOwn(CHECKS, type) ? CHECKS[type as Wish[0]] : null;
}

function valuesFault(checks: readonly Check[], values: readonly unknown[], from: number): string | null {
  for (let index = 0; index < checks.length; index += 1) {
    const [what, isRight, must] = checks[index] as Check;
    if (!isRight(values[from + index])) return `${what} ${must}`;
  }
  return null;
}

/** Wishes of one call as they arrive from outside. Throws {@link RangeError} naming what is wrong. */
export function checkedWishes(given: unknown): readonly Wish[] {
  if (!Array.isArray(given)) throw new RangeError('wishes must be a list');
  const fault = floodFault(given as readonly unknown[]);
  if (fault !== null) throw new RangeError(fault);
  for (const wish of given as readonly unknown[]) {
    const problem = wishFault(wish);
    if (problem !== null) throw new RangeError(problem);
  }
  return given as readonly Wish[];
}

/** Whether these are too many for one event. */
export function floodFault(wishes: readonly unknown[]): string | null {
  if (wishes.length > MAX_WISHES) return `more than ${MAX_WISHES} wishes at one event`;
  if (wishes.length <= MAX_SUBMITS) return null;
  const submits = wishes.reduce((count: number, wish) => count + (Array.isArray(wish) && isOrder(wish[0]) ? 1 : 0), 0);
  return submits > MAX_SUBMITS ? `more than ${MAX_SUBMITS} orders at one event` : null;
}

/** Whether a wish of this type asks for an order. */
export function isOrder(type: unknown): boolean {
  return type === 'submit' || type === 'submitAt';
}

/** A flat record of plain values, few and short. */
export function isFigures(value: unknown): value is Figures {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MAX_FIELDS && entries.every(([name, each]) => name.length <= MAX_NAME && isPlain(each));
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === 'boolean' || isTextUpTo(MAX_TEXT)(value) || isNumber(value);
}

/** Whether a wish names legs that the run has, and asks of them what can be. What cannot would break the engine. */
export function isPossible(context: Context, wish: Wish): boolean {
  switch (wish[0]) {
    case 'submitAt':
    case 'watchAt':
      return legNamed(context, wish[1]) !== undefined;
    case 'spread':
      return legNamed(context, wish[1]) !== undefined && legNamed(context, wish[2]) !== undefined;
    case 'move': {
      const [from, to] = [legNamed(context, wish[1])?.scale, legNamed(context, wish[2])?.scale];
      if (from === undefined || to === undefined || wish[1] === wish[2]) return false;
      return !from.isPerpetual && !to.isPerpetual && from.instrument.quote === to.instrument.quote;
    }
    default:
      return true;
  }
}

/** A leg of a run over several instruments. */
function legNamed({ legs }: Context, name: string): LegContext | undefined {
  for (let index = 0; index < legs.length && legs.length > 1; index += 1) if (legs[index]?.name === name) return legs[index];
  return undefined;
}

/** Asks a context for what was wished. */
export function carryOut(context: Context, wish: Wish): void {
  switch (wish[0]) {
    case 'submit': {
      const [, side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag] = wish;
      context.submit({ side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag });
      return;
    }
    case 'submitAt': {
      const [, leg, side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag] = wish;
      context.leg(leg).submit({ side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag });
      return;
    }
    case 'cancel':
      return context.cancel(wish[1]);
    case 'watch':
      return context.watchPrice(wish[1], wish[2] ?? Number.POSITIVE_INFINITY);
    case 'watchAt':
      return context.leg(wish[1]).watchPrice(wish[2], wish[3] ?? Number.POSITIVE_INFINITY);
    case 'spread':
      return context.watchSpread({ long: wish[1], short: wish[2], above: wish[3], below: wish[4] });
    case 'noSpread':
      return context.watchSpread(null);
    case 'move':
      return context.moveQuote(wish[1], wish[2], wish[3]);
    case 'timer':
      return context.setTimer(wish[1], wish[2]);
    case 'clear':
      return context.clearTimer(wish[1]);
    case 'report':
      return context.report(wish[1], wish[2], wish[3]);
    case 'finish':
      return context.finish(wish[1], wish[2]);
  }
}
