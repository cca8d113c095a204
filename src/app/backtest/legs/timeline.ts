/** Histories of several instruments on one time: every moment at which a bar of any of them begins, and the price of each in it. */
import type { Bars } from '#core/bars/bars.ts';

/** Moments between two words of how far a run is. */
const TELL_EVERY = 1_000;

/** Moments of a run when a bar begins, as columns. */
export interface Timeline {
  /** How many moments there are. */
  readonly length: number;
  readonly startAt: Float64Array;
  /** In the sequence of the histories. */
  readonly legs: readonly TimelineLeg[];
  /** Length of all bars in milliseconds; `null` where they differ. */
  readonly intervalMs: number | null;
}

/** One history with a place for every moment: where no bar of it begins it stands at its last close, before its first at zero. */
export interface TimelineLeg extends Pick<Bars, 'openTicks' | 'highTicks' | 'lowTicks' | 'closeTicks' | 'intervalMs'> {
  /** 1 where a bar of it begins; `null` where one always does. */
  readonly begins: Uint8Array | null;
}

/** Of these histories, merged once however many runs go over them. */
export function timelineOf(histories: readonly Bars[]): Timeline {
  const [first] = histories;
  if (first === undefined) throw new Error('a run has a first instrument');
  const known = knownTimelines.get(first);
  if (known !== undefined && known.histories.length === histories.length && known.histories.every((bars, leg) => bars === histories[leg]))
    return known.timeline;
  const lengths = new Set(histories.map(({ intervalMs }) => intervalMs));
  const intervalMs = lengths.size === 1 ? first.intervalMs : null;
  const timeline = histories.every((bars) => haveOneTime(first, bars))
    ? { length: first.length, startAt: first.startAt, intervalMs, legs: histories.map((bars) => ({ ...bars, begins: null })) }
    : { ...merged(histories), intervalMs };
  knownTimelines.set(first, { histories, timeline });
  return timeline;
}

/** The longest of the bars that begin at a moment, in milliseconds. */
export function longestAt({ legs, intervalMs }: Timeline, moment: number): number {
  if (intervalMs !== null) return intervalMs;
  let longest = 0;
  for (const leg of legs) if (leg.intervalMs > longest && begins(leg, moment)) longest = leg.intervalMs;
  return longest;
}

/** When the last of so many moments is over; before the first when that begins. */
export function endOf(timeline: Timeline, momentsDone: number): number {
  const last = Math.max(0, momentsDone - 1);
  return (timeline.startAt[last] as number) + (momentsDone === 0 ? 0 : longestAt(timeline, last));
}

/** Whether it is time to say how far a run is, when it has come from one moment to another. */
export function isWordDue(before: number, momentsDone: number): boolean {
  return Math.floor(momentsDone / TELL_EVERY) > Math.floor(before / TELL_EVERY);
}

export function begins(leg: TimelineLeg, moment: number): boolean {
  return leg.begins === null || leg.begins[moment] === 1;
}

const knownTimelines = new WeakMap<Bars, { readonly histories: readonly Bars[]; readonly timeline: Timeline }>();

function haveOneTime(one: Bars, other: Bars): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one.startAt[index] !== other.startAt[index]) return false;
  return true;
}

function merged(histories: readonly Bars[]): Pick<Timeline, 'length' | 'startAt' | 'legs'> {
  const startAt = momentsOf(histories);
  return { length: startAt.length, startAt, legs: histories.map((bars) => spread(bars, startAt)) };
}

/** Every time at which a bar of any history begins, ascending. */
function momentsOf(histories: readonly Bars[]): Float64Array {
  const found = new Float64Array(histories.reduce((sum, { length }) => sum + length, 0));
  const next = new Int32Array(histories.length);
  for (let count = 0; ; count += 1) {
    let at = Number.POSITIVE_INFINITY;
    for (const [leg, bars] of histories.entries()) at = Math.min(at, bars.startAt[next[leg] as number] ?? at);
    if (at === Number.POSITIVE_INFINITY) return found.slice(0, count);
    for (const [leg, bars] of histories.entries()) if (bars.startAt[next[leg] as number] === at) next[leg] = (next[leg] as number) + 1;
    found[count] = at;
  }
}

function spread(bars: Bars, startAt: Float64Array): TimelineLeg {
  const column = () => new Float64Array(startAt.length);
  const own = {
    intervalMs: bars.intervalMs,
    openTicks: column(),
    highTicks: column(),
    lowTicks: column(),
    closeTicks: column(),
    begins: new Uint8Array(startAt.length),
  };
  let index = -1;
  for (let moment = 0; moment < startAt.length; moment += 1) {
    const isThere = bars.startAt[index + 1] === startAt[moment];
    if (isThere) index += 1;
    const close = index < 0 ? 0 : (bars.closeTicks[index] as number);
    own.begins[moment] = isThere ? 1 : 0;
    own.openTicks[moment] = isThere ? (bars.openTicks[index] as number) : close;
    own.highTicks[moment] = isThere ? (bars.highTicks[index] as number) : close;
    own.lowTicks[moment] = isThere ? (bars.lowTicks[index] as number) : close;
    own.closeTicks[moment] = close;
  }
  return own;
}
