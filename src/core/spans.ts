/** Sets of half-open spans of time, ascending and apart: joining, cutting, and what one lacks of another. */
import type { Span } from './history.ts';

/** All spans together, ascending; those that touch or overlap become one, empty ones go. */
export function joinSpans(spans: readonly Span[]): readonly Span[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of spans.filter((span) => span.from < span.to).toSorted((one, other) => one.from - other.from)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** The parts of joined spans that lie within another. */
export function clipSpans(spans: readonly Span[], { from, to }: Span): readonly Span[] {
  return spans.map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) })).filter((span) => span.from < span.to);
}

/** What a span has that joined spans lack. */
export function missingOf(span: Span, joined: readonly Span[]): readonly Span[] {
  const missing: Span[] = [];
  let { from } = span;
  for (const each of clipSpans(joined, span)) {
    if (each.from > from) missing.push({ from, to: each.from });
    from = each.to;
  }
  if (from < span.to) missing.push({ from, to: span.to });
  return missing;
}

/** The spans in which ascending candles of one length lie, one for each run without a gap. */
export function spansOfTimes(startAt: Float64Array, intervalMs: number): readonly Span[] {
  const spans: { from: number; to: number }[] = [];
  for (const at of startAt) {
    const last = spans.at(-1);
    if (last !== undefined && last.to === at) last.to = at + intervalMs;
    else spans.push({ from: at, to: at + intervalMs });
  }
  return spans;
}

/** Milliseconds of all spans; one that ends before it begins has none. */
export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
}
