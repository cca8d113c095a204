/**
 * A live run explained by its own backtest: what both did, what one did alone, and for each what it means for the profit. All amounts are
 * exact decimals in quote, valued at one last price, so that the parts add up to the whole difference.
 */
import { GRAINS_PER_LOT, type Scale } from '#core/instrument.ts';
import { Decimal, type DecimalString, decimal, plain } from '#core/money.ts';
import type { Side } from '#core/order.ts';
import type { Ledger, LedgerOrder } from '../report/ledger.ts';
import { type BothWorlds, CAUSES, type Cause, causeOf, type Lone, type OtherRun } from './against-causes.ts';

export interface Tolerance {
  /** Orders of both are the same where their executions begin no further apart. */
  readonly ms: number;
  /** And their average prices differ by no more than this share. */
  readonly priceShare: number;
}

export const DEFAULT_TOLERANCE: Tolerance = { ms: 300_000, priceShare: 0.01 };

/** Executions that a comparison lists; its sums count all. */
export const MAX_COMPARED_FILLS = 5_000;

export interface ComparedLedger extends Pick<Ledger, 'fills' | 'funding'> {
  readonly orders: ReadonlyMap<string, LedgerOrder>;
}

/** One order's executions in both runs, or in one of them. */
export interface ComparedOrder {
  readonly kind: 'same' | 'differs' | 'missing' | 'extra';
  readonly side: Side;
  /** When its executions began, live and in the backtest; `null` where it was not executed. */
  readonly liveAt: number | null;
  readonly testAt: number | null;
  readonly livePrice: DecimalString | null;
  readonly testPrice: DecimalString | null;
  readonly liveSize: DecimalString | null;
  readonly testSize: DecimalString | null;
  /** What it adds to the profit of the live run beyond that of the backtest. */
  readonly effect: DecimalString;
  /** Parts of the effect where it differs; they add up to it. */
  readonly parts: Readonly<Partial<Record<Part, DecimalString>>>;
  /** Why it is missing or extra; `null` where both did it. */
  readonly cause: Cause | null;
}

/**
 * `timing`: the market stood elsewhere when it was decided. `spread` and `slippage`: what taking cost beyond the middle and beyond the quote.
 * `level`: resting orders at other prices. `fees`, and `size` with what rounding leaves.
 */
export type Part = 'timing' | 'spread' | 'slippage' | 'level' | 'fees' | 'size';

export interface LiveComparison {
  readonly liveProfit: DecimalString;
  readonly testProfit: DecimalString;
  readonly difference: DecimalString;
  /** The difference by where it comes from; they add up to it exactly. */
  readonly sums: Readonly<Record<Part | 'missing' | 'extra' | 'funding', DecimalString>>;
  readonly counts: Readonly<Record<ComparedOrder['kind'], number>>;
  /** Of what is missing and extra: how many for each cause, and what they mean together. */
  readonly causes: Readonly<Partial<Record<Cause, { readonly count: number; readonly effect: DecimalString }>>>;
  readonly orders: readonly ComparedOrder[];
  readonly unlisted: number;
}

export interface ComparisonTerms {
  readonly scale: Scale;
  /** Values what is held by either. */
  readonly lastTicks: number;
  readonly world: BothWorlds;
  readonly tolerance?: Tolerance;
}

/** Both ledgers in the integers of `scale`. */
export function compareWithLive(
  live: ComparedLedger,
  test: ComparedLedger,
  { scale, lastTicks, world, tolerance = DEFAULT_TOLERANCE }: ComparisonTerms,
): LiveComparison {
  const last = decimal(scale.price(lastTicks));
  const lives = executedOrders(live, scale, last);
  const tests = executedOrders(test, scale, last);
  const pairs = paired(lives, tests, tolerance);
  const causes = causesOf(pairs, { live, test }, world);
  const orders = pairs.map(([one, other], index) => ({ ...compared(one, other, scale), cause: causes[index] ?? null }));
  const sums: Record<keyof LiveComparison['sums'], Decimal> = {
    timing: ZERO,
    spread: ZERO,
    slippage: ZERO,
    level: ZERO,
    fees: ZERO,
    size: ZERO,
    missing: ZERO,
    extra: ZERO,
    funding: fundingOf(live, scale).minus(fundingOf(test, scale)),
  };
  const counts = { same: 0, differs: 0, missing: 0, extra: 0 };
  for (const { kind, effect, parts } of orders) {
    counts[kind] += 1;
    if (kind === 'missing' || kind === 'extra') sums[kind] = sums[kind].plus(effect);
    for (const [part, amount] of Object.entries(parts)) sums[part as Part] = sums[part as Part].plus(amount);
  }
  const profit = (executed: readonly Executed[], ledger: ComparedLedger) =>
    executed.reduce((sum, { contribution }) => sum.plus(contribution), fundingOf(ledger, scale));
  const [liveProfit, testProfit] = [profit(lives, live), profit(tests, test)];
  return {
    liveProfit: plain(liveProfit),
    testProfit: plain(testProfit),
    difference: plain(liveProfit.minus(testProfit)),
    sums: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, plain(sum)])) as LiveComparison['sums'],
    counts,
    causes: causeSums(orders),
    orders: orders.slice(0, MAX_COMPARED_FILLS),
    unlisted: Math.max(0, orders.length - MAX_COMPARED_FILLS),
  };
}

const ZERO = new Decimal(0);

/** Of each pair of which one half is not there, in the sequence of time. */
function causesOf(
  pairs: readonly Pair[],
  { live, test }: { readonly live: ComparedLedger; readonly test: ComparedLedger },
  world: BothWorlds,
): readonly (Cause | null)[] {
  const lone = (executed: Executed): Lone => ({ side: executed.side, at: executed.at, price: priceOf(executed) });
  const runOf = (place: 0 | 1, ledger: ComparedLedger): OtherRun => ({
    unfilled: [...ledger.orders.values()].filter(({ filledLots }) => filledLots === 0),
    executedAt: Float64Array.from(pairs.flatMap((pair) => (pair[place] === null ? [] : [pair[place].at]))).toSorted(),
    alone: pairs.flatMap((pair) => (pair[place] === null || pair[1 - place] !== null ? [] : [lone(pair[place])])),
  });
  const others = [runOf(0, live), runOf(1, test)] as const;
  let isLater = false;
  return pairs.map(([one, other]) => {
    const single = one === null ? other : other === null ? one : null;
    if (single === null) {
      isLater ||= one?.lots !== other?.lots || one?.atoms !== other?.atoms;
      return null;
    }
    const cause = causeOf({ lone: lone(single), isLive: other === null, other: others[one === null ? 0 : 1], isLater, world });
    isLater = true;
    return cause;
  });
}

function causeSums(orders: readonly ComparedOrder[]): LiveComparison['causes'] {
  return Object.fromEntries(
    CAUSES.flatMap((cause) => {
      const caused = orders.filter((each) => each.cause === cause);
      return caused.length === 0 ? [] : [[cause, { count: caused.length, effect: plain(Decimal.sum(0, ...caused.map(({ effect }) => effect))) }]];
    }),
  );
}

/** The executions of one order together. */
interface Executed {
  readonly side: Side;
  readonly at: number;
  lots: number;
  atoms: number;
  takenLots: number;
  fees: Decimal;
  /** What it adds to the profit at the last price. */
  contribution: Decimal;
  readonly order: LedgerOrder | undefined;
}

function executedOrders(ledger: ComparedLedger, scale: Scale, last: Decimal): Executed[] {
  const orders = new Map<string, Executed>();
  for (const { at, clientOrderId, fill } of ledger.fills) {
    const { side, sizeLots, priceTicks, feeGrains, feeAtoms, otherFeeAtoms, isMaker } = fill;
    let executed = orders.get(clientOrderId);
    if (executed === undefined) {
      executed = { side, at, lots: 0, atoms: 0, takenLots: 0, fees: ZERO, contribution: ZERO, order: ledger.orders.get(clientOrderId) };
      orders.set(clientOrderId, executed);
    }
    const sign = side === 'buy' ? 1 : -1;
    const fees = last.times(scale.base(feeGrains)).plus(scale.quote(feeAtoms + otherFeeAtoms));
    const held = last.times(scale.base(sign * sizeLots * GRAINS_PER_LOT));
    executed.lots += sizeLots;
    executed.atoms += sizeLots * priceTicks;
    if (!isMaker) executed.takenLots += sizeLots;
    executed.fees = executed.fees.plus(fees);
    executed.contribution = executed.contribution
      .plus(held)
      .minus(scale.quote(sign * sizeLots * priceTicks))
      .minus(fees);
  }
  return [...orders.values()].sort((one, other) => one.at - other.at);
}

type Pair = readonly [live: Executed | null, test: Executed | null];

/** Each live order with the nearest of the backtest in time that is left and like it; then those that are left of the backtest. */
function paired(lives: readonly Executed[], tests: readonly Executed[], { ms, priceShare }: Tolerance): readonly Pair[] {
  const left = new Set(tests);
  const pairs: Pair[] = [];
  let first = 0;
  for (const live of lives) {
    while (first < tests.length && (tests[first]?.at ?? 0) < live.at - ms) first += 1;
    let nearest: Executed | null = null;
    for (let index = first; index < tests.length; index += 1) {
      const test = tests[index];
      if (test === undefined || test.at > live.at + ms) break;
      const isLike = left.has(test) && test.side === live.side && Math.abs(priceOf(test) / priceOf(live) - 1) <= priceShare;
      if (isLike && (nearest === null || nearness(live, test) < nearness(live, nearest))) nearest = test;
    }
    if (nearest !== null) left.delete(nearest);
    pairs.push([live, nearest]);
  }
  for (const test of left) pairs.push([null, test]);
  return pairs.sort((one, other) => (one[0]?.at ?? one[1]?.at ?? 0) - (other[0]?.at ?? other[1]?.at ?? 0));
}

/** Price goes before time: a grid has many orders of one side within a few minutes. */
function nearness(live: Executed, test: Executed): number {
  return Math.abs(priceOf(test) - priceOf(live)) * 1e9 + Math.abs(test.at - live.at);
}

function priceOf({ atoms, lots }: Executed): number {
  return atoms / lots;
}

function compared(live: Executed | null, test: Executed | null, scale: Scale): Omit<ComparedOrder, 'cause'> {
  const effect = (live?.contribution ?? ZERO).minus(test?.contribution ?? ZERO);
  const parts = live === null || test === null ? {} : partsOf(live, test, scale, effect);
  const isSame = live !== null && test !== null && live.lots === test.lots && live.atoms === test.atoms && effect.isZero();
  const price = (executed: Executed | null) => (executed === null ? null : scale.price(Math.round(priceOf(executed) * 100) / 100));
  const size = (executed: Executed | null) => (executed === null ? null : scale.size(executed.lots));
  return {
    kind: live === null ? 'missing' : test === null ? 'extra' : isSame ? 'same' : 'differs',
    side: (live ?? test)?.side ?? 'buy',
    liveAt: live?.at ?? null,
    testAt: test?.at ?? null,
    livePrice: price(live),
    testPrice: price(test),
    liveSize: size(live),
    testSize: size(test),
    effect: plain(effect),
    parts: Object.fromEntries(
      Object.entries(parts)
        .filter(([, amount]) => !amount.isZero())
        .map(([part, amount]) => [part, plain(amount)]),
    ),
  };
}

/** What each cause has cost on the size of the live order; `size` takes the rest, so that all add up to the effect. */
function partsOf(live: Executed, test: Executed, scale: Scale, effect: Decimal): Partial<Record<Part, Decimal>> {
  const sign = live.side === 'buy' ? -1 : 1;
  const worth = (ticks: number) => decimal(scale.quote(Math.round(sign * ticks * live.lots)));
  const parts: Partial<Record<Part, Decimal>> = { fees: test.fees.minus(live.fees) };
  const [one, other] = [decisionOf(live), decisionOf(test)];
  if (one !== null && other !== null) {
    const direction = live.side === 'buy' ? 1 : -1;
    parts.timing = worth(one.middle - other.middle);
    parts.spread = worth(direction * (one.half - other.half));
    parts.slippage = worth(priceOf(live) - priceOf(test) - (one.middle - other.middle) - direction * (one.half - other.half));
  } else parts.level = worth(priceOf(live) - priceOf(test));
  const told = Object.values(parts).reduce((sum, part) => sum.plus(part), ZERO);
  return { ...parts, size: effect.minus(told) };
}

/** Where the market stood when a taking order was decided; `null` for one that rested, or where it is not known. */
function decisionOf({ order, takenLots, lots }: Executed): { readonly middle: number; readonly half: number } | null {
  if (order === undefined || takenLots < lots || order.bidTicks <= 0) return null;
  return { middle: (order.bidTicks + order.askTicks) / 2, half: (order.askTicks - order.bidTicks) / 2 };
}

function fundingOf({ funding }: ComparedLedger, scale: Scale): Decimal {
  return decimal(scale.quote(funding.reduce((sum, { amountAtoms }) => sum + amountAtoms, 0)));
}
