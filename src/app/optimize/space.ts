/**
 * What an optimisation may vary: for each setting that its user names the values to try, checked against the strategy's own
 * declaration. Everything is counted in steps, so a set of values is a row of whole numbers.
 */
import { decimal, plain } from '#core/money.ts';
import { type Field, type Issue, type ParamsSpec, parseParams } from '#core/params.ts';

/** Settings that are varied at once. */
export const MAX_AXES = 8;
/** Values of one of them. */
export const MAX_VALUES = 1_000;

/** As a user gives it: numbers by their bounds and step, anything by its values. */
export type RangeWish =
  | { readonly from: string | number; readonly to: string | number; readonly step?: string | number }
  | { readonly values: readonly unknown[] };

type Value = string | number | boolean;

/** One setting and the values to try, in their sequence. */
export interface Axis {
  readonly name: string;
  readonly values: readonly Value[];
}

/** Place of the value of each axis, in the sequence of the axes. */
export type Point = readonly number[];

export type ReadSpace = { readonly ok: true; readonly axes: readonly Axis[] } | { readonly ok: false; readonly issues: readonly Issue[] };

/** Issues name fields as `ranges.fast.to`. */
export function readSpace(spec: ParamsSpec, ranges: Readonly<Record<string, RangeWish>>): ReadSpace {
  const issues: Issue[] = [];
  const names = Object.keys(ranges);
  if (names.length === 0) issues.push({ field: 'ranges', message: `must name a setting to vary, such as ${Object.keys(spec)[0]}` });
  if (names.length > MAX_AXES) issues.push({ field: 'ranges', message: `must name at most ${MAX_AXES} settings, got ${names.length}` });
  const axes = names.slice(0, MAX_AXES).map((name) => ({ name, values: valuesOf(spec, name, ranges[name] as RangeWish, issues) }));
  return issues.length > 0 ? { ok: false, issues } : { ok: true, axes };
}

/** How many sets of values there are; may be beyond what can be counted exactly. */
export function sizeOf(axes: readonly Axis[]): number {
  return axes.reduce((size, { values }) => size * values.length, 1);
}

/** The point of a number from 0 to below {@link sizeOf}; the last axis turns fastest. */
export function pointAt(axes: readonly Axis[], number: number): Point {
  const point: number[] = [];
  let rest = number;
  for (const { values } of axes.toReversed()) {
    point.unshift(rest % values.length);
    rest = Math.floor(rest / values.length);
  }
  return point;
}

/** The settings at a point. */
export function configAt(axes: readonly Axis[], point: Point, config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...config, ...Object.fromEntries(axes.map(({ name, values }, index) => [name, values[point[index] ?? 0]])) };
}

function valuesOf(spec: ParamsSpec, name: string, wish: RangeWish, issues: Issue[]): readonly Value[] {
  const at = `ranges.${name}`;
  const field = Object.hasOwn(spec, name) ? spec[name] : undefined;
  if (field === undefined) return fault(issues, at, `is not a setting of this strategy; known are ${Object.keys(spec).join(', ')}`);
  if (field.kind === 'rows' || field.kind === 'text') return fault(issues, at, `is ${field.kind === 'rows' ? 'a list' : 'a text'} and cannot be varied`);
  if ('values' in wish) {
    if (wish.values.length === 0 || wish.values.length > MAX_VALUES)
      return fault(issues, `${at}.values`, `must have 1 to ${MAX_VALUES} values, got ${wish.values.length}`);
    const values = wish.values.map((value, index) => checked(field, name, value, `${at}.values[${index}]`, issues));
    if (new Set(values).size !== values.length) return fault(issues, `${at}.values`, 'must not name a value twice');
    return values;
  }
  if (field.kind !== 'integer' && field.kind !== 'decimal') return fault(issues, at, 'is no number; give its values as a list');
  return stepsOf(field, name, wish, issues);
}

type Bounds = Exclude<RangeWish, { readonly values: readonly unknown[] }>;

function stepsOf(field: Field, name: string, { from, to, step }: Bounds, issues: Issue[]): readonly Value[] {
  const at = `ranges.${name}`;
  const before = issues.length;
  const low = checked(field, name, from, `${at}.from`, issues);
  const high = checked(field, name, to, `${at}.to`, issues);
  if (issues.length > before) return [];
  const isWhole = field.kind === 'integer';
  if (step === undefined && !isWhole) return fault(issues, `${at}.step`, 'is required for a decimal, such as 0.1');
  const width = stepWidth(step ?? 1, isWhole);
  if (width === null) return fault(issues, `${at}.step`, isWhole ? 'must be a whole number above 0' : 'must be a decimal above 0');
  const span = decimal(String(high)).minus(String(low));
  if (span.lt(0)) return fault(issues, `${at}.to`, `must not be below from, ${low}`);
  const count = span.div(width).floor().plus(1);
  if (count.gt(MAX_VALUES)) return fault(issues, `${at}.step`, `makes ${count.toFixed()} values; ${MAX_VALUES} are allowed, so choose a larger step`);
  return Array.from({ length: count.toNumber() }, (_, index) => {
    const value = decimal(String(low)).plus(decimal(width).times(index));
    return isWhole ? value.toNumber() : plain(value);
  });
}

function stepWidth(step: string | number, isWhole: boolean): string | null {
  const text = String(step);
  if (!/^\d{1,15}(\.\d{1,15})?$/.test(text) || Number(text) <= 0) return null;
  return isWhole && !/^\d+$/.test(text) ? null : text;
}

/** The value as the strategy takes it; numbers may come as text. */
function checked(field: Field, name: string, raw: unknown, at: string, issues: Issue[]): Value {
  const given = field.kind === 'integer' && typeof raw === 'string' && /^-?\d{1,15}$/.test(raw) ? Number(raw) : raw;
  const parsed = parseParams({ [name]: field }, { [name]: given });
  if (parsed.ok && given !== null) return parsed.value[name] as Value;
  issues.push({ field: at, message: parsed.ok ? 'is required' : (parsed.issues[0]?.message ?? 'is not valid') });
  return 0;
}

function fault(issues: Issue[], field: string, message: string): readonly Value[] {
  issues.push({ field, message });
  return [];
}
