/** The arithmetic of drawing: from values to places, round numbers for axes, and lines as SVG paths. */

export interface Axis {
  readonly from: number;
  readonly to: number;
  /** Place of a value, to a tenth of a pixel. */
  place(value: number): number;
}

export function axis(from: number, to: number, start: number, end: number): Axis {
  const span = to - from || 1;
  return { from, to, place: (value) => Math.round((start + ((value - from) / span) * (end - start)) * 10) / 10 };
}

/** The span of values with a little air around it; never empty. */
export function spanOf(values: Iterable<number>): { readonly from: number; readonly to: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    from = Math.min(from, value);
    to = Math.max(to, value);
  }
  const air = (to - from) * 0.05 || Math.abs(to) * 0.01 || 1;
  return { from: from - air, to: to + air };
}

/** Round values within an axis, about `count` of them. */
export function roundValues({ from, to }: Pick<Axis, 'from' | 'to'>, count: number): readonly number[] {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const values: number[] = [];
  for (let index = Math.ceil(from / step); index * step <= to; index += 1) values.push(Number((index * step).toPrecision(12)));
  return values;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEPS = [HOUR / 4, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 91 * DAY, 182 * DAY, 365 * DAY, 730 * DAY];

/** Round moments within a span, at most `count` of them. */
export function roundTimes(from: number, to: number, count: number): readonly number[] {
  const step = STEPS.find((each) => (to - from) / each <= count) ?? (to - from) / count;
  const times: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) times.push(at);
  return times;
}

type Place = readonly [x: number, y: number];

export function line(places: readonly Place[]): string {
  return places.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
}

/** Between a line and a level. */
export function areaTo(places: readonly Place[], level: number): string {
  const [first, last] = [places[0], places.at(-1)];
  return first === undefined || last === undefined ? '' : `${line(places)}L${last[0]} ${level}L${first[0]} ${level}Z`;
}

/** Between two lines over the same places. */
export function band(upper: readonly Place[], lower: readonly Place[]): string {
  return upper.length === 0 ? '' : `${line(upper)}${line(lower.toReversed()).replace('M', 'L')}Z`;
}
