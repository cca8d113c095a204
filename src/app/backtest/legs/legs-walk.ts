/**
 * The way of several instruments through their histories, merged by time. Within a bar every instrument goes its path in the same three
 * thirds (as in ../bar-simulation.ts: to the near extreme, to the other, to the close) and all are moved before the strategy looks, so
 * that no distance between them is seen that only the sequence of moving has made. What came first within a third is not known, but for
 * prices of the first instrument that its user's rules wait for: there all stop.
 */
import type { ExchangeDriver } from '../exchange-driver.ts';
import type { LegBars } from './leg-bars.ts';
import type { LegHistory } from './leg-history.ts';
import { type Moment, momentsOf } from './moments.ts';

/** Moments between two words of how far it is. */
const TELL_EVERY = 1_000;

export interface LegsWalkParts {
  readonly driver: ExchangeDriver;
  readonly histories: readonly LegHistory[];
  /** `null` for a strategy that wants no bars. */
  readonly legBars: LegBars | null;
  readonly halfSpreadTicks: number;
}

/** Open, the extreme that comes first, the other, and the close. */
type Path = readonly [number, number, number, number];

/** An instrument whose bar begins. */
interface OpenBar {
  readonly leg: number;
  readonly symbol: string;
  path: Path;
}

/** Until the histories or the run end; how far it has come stands in `progress`. */
export function walkLegs(
  parts: LegsWalkParts,
  progress: { momentsDone: number; endedAt: number },
  onProgress: ((momentsDone: number) => void) | undefined,
): void {
  const { driver, histories } = parts;
  for (const moment of momentsOf(histories.map(({ bars }) => bars))) {
    if (progress.momentsDone === 0) driver.now = moment.startAt;
    const lengthMs = moment.bars.reduce((most, { leg }) => Math.max(most, histories[leg]?.bars.intervalMs ?? 0), 0);
    walkMoment(parts, moment, lengthMs, progress.momentsDone === 0);
    progress.momentsDone += 1;
    progress.endedAt = moment.startAt + lengthMs;
    if (progress.momentsDone % TELL_EVERY === 0) onProgress?.(progress.momentsDone);
    if (driver.finishReason !== null) return;
  }
}

function walkMoment(parts: LegsWalkParts, { startAt, bars: begun }: Moment, lengthMs: number, isFirst: boolean): void {
  const { driver, histories, legBars } = parts;
  const open = begun.flatMap(({ leg, index }): OpenBar[] => {
    const history = histories[leg];
    return history === undefined ? [] : [{ leg, symbol: history.instrument.symbol, path: pathOf(history, index) }];
  });
  driver.passTo(startAt);
  for (const { leg, index } of begun) legBars?.beforeBar(leg, index);
  for (const { symbol, path } of open) driver.exchange.movePrice(symbol, path[0], driver.now);
  driver.sync();
  if (isFirst) driver.tell({ type: 'runStarted', at: driver.now, epoch: 1 });
  legBars?.begin();
  assumeTheWorse(parts, open);
  for (const third of [1, 2, 3] as const) {
    moveAlong(parts, open, third, (share) => startAt + Math.floor((Math.min(third - 1 + share, 2.999) * lengthMs) / 3));
    legBars?.begin();
  }
  if (legBars === null || driver.finishReason !== null) return;
  // The next bar opens when this one closes.
  driver.passTo(startAt + lengthMs);
  for (const { leg, index } of begun) legBars.afterBar(leg, index);
}

/** What was bought before, with its stop and its take profit by rule in one bar, meets its stop first. */
function assumeTheWorse({ driver, halfSpreadTicks }: LegsWalkParts, open: readonly OpenBar[]): void {
  const first = open.find(({ leg }) => leg === 0);
  if (first === undefined) return;
  const [begin, one, other, close] = first.path;
  const [low, high] = [Math.min(one, other), Math.max(one, other)];
  if (driver.engine.rules?.hasBothExits(low - halfSpreadTicks, high - halfSpreadTicks) === true) first.path = [begin, low, high, close];
}

/** To the next turn of all paths. */
function moveAlong(parts: LegsWalkParts, open: readonly OpenBar[], third: 1 | 2 | 3, timeAt: (share: number) => number): void {
  const { driver } = parts;
  for (let done: number | null = 0; done !== null && driver.finishReason === null; ) {
    const stop = shareToWatched(parts, open, third, done);
    const share = stop ?? 1;
    driver.passTo(timeAt(share));
    for (const { symbol, path } of open) driver.exchange.movePrice(symbol, at(path, third, share), driver.now);
    driver.sync();
    done = stop;
  }
}

/** How much of the third the first instrument has gone when it comes to a price that a rule waits for; `null` where none is on its way. */
function shareToWatched({ driver, halfSpreadTicks }: LegsWalkParts, open: readonly OpenBar[], third: 1 | 2 | 3, done: number): number | null {
  const bids = driver.engine.rules?.watched;
  const path = open.find(({ leg }) => leg === 0)?.path;
  if (bids === undefined || path === undefined) return null;
  const [from, target, present] = [path[third - 1] ?? 0, path[third], at(path, third, done)];
  const watched = (target < from ? bids.belowTicks : bids.aboveTicks) + halfSpreadTicks;
  const isOnTheWay = target < from ? watched < present && watched > target : watched > present && watched < target;
  return isOnTheWay ? (watched - from) / (target - from) : null;
}

function at(path: Path, third: 1 | 2 | 3, share: number): number {
  const from = path[third - 1] ?? 0;
  return Math.round(from + (path[third] - from) * share);
}

function pathOf({ bars }: LegHistory, index: number): Path {
  const [open, high, low, close] = [bars.openTicks[index] ?? 0, bars.highTicks[index] ?? 0, bars.lowTicks[index] ?? 0, bars.closeTicks[index] ?? 0];
  return close >= open ? [open, low, high, close] : [open, high, low, close];
}
